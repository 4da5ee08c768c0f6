import { type Clock, text } from '@forecourt/service-kit';
import { z } from 'zod';
import { greatestShortId } from '../../code/code.ts';
import type { Profile } from '../../customer/customer.ts';

/* The document's parameters, and how they are said in our words. Apps write null for what they do not know. */

const Phone = text({ min: 1, max: 32 });
const Name = text({ max: 120 });
const ConfirmationType = z.enum(['sms', 'voice']);
const genders = ['male', 'female'] as const;
const Gender = z.union([z.literal(0), z.literal(1)]);

const earliestBirthday = '1900-01-01';

/** Java leaves out seconds that are none. */
const OffsetDateTime = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })]);

/** It stands for the day that it has where it was written. */
const birthDateBefore = (clock: Clock) =>
  OffsetDateTime.check((context) => {
    const { value, issues } = context;
    const [day, today] = [value.slice(0, 10), clock().toISOString().slice(0, 10)];
    const bound =
      day > today
        ? { rule: 'max', expected: today }
        : day < earliestBirthday && { rule: 'min', expected: earliestBirthday };
    if (bound) issues.push({ code: 'custom', input: value, params: bound });
  });

export const submitBodyBy = (clock: Clock) =>
  z.strictObject({
    phone: Phone,
    confirmationType: ConfirmationType.default('sms'),
    info: z
      .strictObject({
        lastName: Name.nullish(),
        firstName: Name.nullish(),
        middleName: Name.nullish(),
        gender: Gender.nullish().meta({ description: '0 male, 1 female' }),
        birthDate: birthDateBefore(clock).nullish(),
      })
      .nullish(),
    referralCode: text({ max: 64 }).nullish(),
  });
type Info = NonNullable<z.output<ReturnType<typeof submitBodyBy>>['info']>;

/** What somebody said of themselves, without what they left out. */
export function toProfile({ lastName, firstName, middleName, gender, birthDate }: Info): Partial<Profile> {
  const said = {
    lastName: lastName || null,
    firstName: firstName || null,
    middleName: middleName || null,
    sex: typeof gender === 'number' ? (genders[gender] ?? null) : null,
    birthday: birthDate?.slice(0, 10) ?? null,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
}

const digits = z.string().regex(/^\d{1,19}$/);
/** A number that no request can have is as unknown as one that none has. */
const TemporaryId = digits.transform((written) => Math.min(Number(written), greatestShortId + 1));

/** Without a type it goes out as it did before. */
export const ResubmitQuery = z.strictObject({ id: TemporaryId, confirmationType: ConfirmationType.optional() });
/** Whatever is no number is no code that anybody has read somewhere; one of another length is a wrong one. */
export const ConfirmQuery = z.strictObject({ id: TemporaryId, code: digits });
export const PushTokenBody = z.strictObject({ token: text({ min: 1, max: 4096 }) });
