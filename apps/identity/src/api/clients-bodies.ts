import { clients, toE164 } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { type Clock, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Customer, Profile, ProfileChange } from '../customer/customer.ts';
import { passwordLength } from '../password/password.ts';

/* The document's bodies, field by field, and how they are said in our words. */

const Name = text({ min: 1, max: 120 });
const Email = text({ max: 254 }).toLowerCase().pipe(z.email());
const AdditionalInfo = text({ max: 2000, multiline: true }).transform((info) => info || null);
const Password = text({ ...passwordLength, trim: false });

const Phone = text({ max: 32 }).transform((typed, context) => {
  try {
    return toE164(typed, clients.defaultRegion);
  } catch {
    context.addIssue({ code: 'custom', params: { rule: 'format', expected: 'phone' } });
    return z.NEVER;
  }
});

const sexes = {
  женщина: 'female',
  мужчина: 'male',
  female: 'female',
  male: 'male',
  f: 'female',
  m: 'male',
} as const satisfies Record<string, NonNullable<Profile['sex']>>;
type TypedSex = keyof typeof sexes;
const Sex = z.enum(Object.keys(sexes) as [TypedSex, ...TypedSex[]]).transform((typed) => sexes[typed]);
const shownSex = { female: 'женщина', male: 'мужчина' } as const;

const earliestBirthday = '1900-01-01';

/** A day of the calendar that somebody alive may have been born on. */
const birthdayBefore = (clock: Clock) =>
  z.iso.date().pipe(
    z.string().check((context) => {
      const { value, issues } = context;
      const today = clock().toISOString().slice(0, 10);
      const bound =
        value > today
          ? { rule: 'max', expected: today }
          : value < earliestBirthday && { rule: 'min', expected: earliestBirthday };
      if (bound) issues.push({ code: 'custom', input: value, params: bound });
    }),
  );

/** JSON `null`, the word "null" and silence all leave a part of the name as it is. */
const NamePart = Name.nullish().transform((part) => (part === null || part === 'null' ? undefined : part));

const ClientId = z.uuid().toLowerCase();
export const ClientParams = z.strictObject({ client_id: ClientId });
export const ClientQuery = z.strictObject({ client_id: ClientId.optional() });
export const ClientBody = z.strictObject({ client_id: ClientId.optional() }).nullish();

/** A client may be named in several places, but only one client. */
export function oneIdOf(...named: readonly (string | undefined)[]): string | undefined {
  const [id, ...others] = new Set(named.filter((one) => one !== undefined));
  if (others.length === 0) return id;
  throw new AppError('validation_failed', 'The request names two clients.', {
    violations: [{ path: ['client_id'], rule: 'not_acceptable', expected: 'contradiction' }],
  });
}

export const PasswordBody = z.strictObject({ password: Password });
/** What no password could be is no less a guess. */
export const PasswordGuessBody = z.strictObject({ password: text({ max: passwordLength.max, trim: false }) });
export const PhoneBody = z.strictObject({ phone_number: Phone });
export const FullNameBody = z.strictObject({ first_name: NamePart, last_name: NamePart });
export const AdditionalInfoBody = z.strictObject({ additional_info: AdditionalInfo.nullable() });

export function bodiesBy(clock: Clock) {
  const Birthday = birthdayBefore(clock);
  const unlessMissing = (test: (body: Record<string, unknown>) => boolean) => (body: unknown) =>
    typeof body !== 'object' || body === null || test(body as Record<string, unknown>);

  const NewClientBody = z
    .strictObject({
      first_name: Name,
      last_name: Name,
      email: Email,
      password: Password,
      phone: Phone.optional(),
      phone_number: Phone.optional(),
      additional_info: AdditionalInfo.nullish(),
      birthday: Birthday.nullish(),
      sex: Sex.nullish(),
    })
    // Said together with whatever else is wrong, so that nobody corrects a form twice.
    .refine(
      unlessMissing(({ phone, phone_number }) => phone !== undefined || phone_number !== undefined),
      { path: ['phone'], params: { rule: 'required' }, when: () => true },
    )
    .refine(({ phone, phone_number }) => phone === undefined || phone_number === undefined || phone === phone_number, {
      path: ['phone_number'],
      params: { rule: 'not_acceptable', expected: 'contradiction' },
    });

  const ChangedClientBody = z.strictObject({
    first_name: Name.optional(),
    last_name: Name.optional(),
    email: Email.optional(),
    additional_info: AdditionalInfo.nullish(),
    birthday: Birthday.nullish(),
    sex: Sex.nullish(),
  });
  return { NewClientBody, ChangedClientBody };
}

type ChangedClient = z.output<ReturnType<typeof bodiesBy>['ChangedClientBody']>;

/** Only what was sent; `null` takes back what one need not tell. */
export function toChange(body: ChangedClient): ProfileChange {
  const { first_name: firstName, last_name: lastName, email, additional_info: additionalInfo, birthday, sex } = body;
  const change = { firstName, lastName, email, additionalInfo, birthday, sex };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

export const ClientProfileBody = z
  .strictObject({
    first_name: z.string().nullable(),
    last_name: z.string().nullable(),
    email: z.string().nullable(),
    registration_date: z.string().meta({ description: 'UTC, as `2024-02-25 03:14:07`.' }),
    phone: z.string().nullable(),
    additional_info: z.string().nullable(),
    birthday: z.string().nullable(),
    sex: z.enum(Object.values(shownSex) as [string, string]).nullable(),
  })
  .meta({ id: 'Client' });

export const toProfileBody = (customer: Customer): z.input<typeof ClientProfileBody> => ({
  first_name: customer.firstName,
  last_name: customer.lastName,
  email: customer.email,
  registration_date: customer.createdAt.toISOString().slice(0, 19).replace('T', ' '),
  phone: customer.phone,
  additional_info: customer.additionalInfo,
  birthday: customer.birthday,
  sex: customer.sex && shownSex[customer.sex],
});

export const ClientIdBody = z.strictObject({ client_id: z.uuid() });
export const DoneBody = z.strictObject({});
export const MatchesBody = z.strictObject({ matches: z.boolean() });
