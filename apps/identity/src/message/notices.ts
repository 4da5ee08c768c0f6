import type { Customer } from '../customer/customer.ts';
import type { Db } from '../customer/store.ts';
import { fingerprintOf } from '../password/password.ts';
import { queueMessage, queueMessages } from './store.ts';

/*
 * What the owner of an account hears of it, whoever changed it and in whichever dialect. An address is told also when
 * nothing proves it to be theirs; an SMS costs money and can be made to ring anybody's phone, so it only goes to one that
 * was proved.
 */

/** To the address that the account had: whoever reads the new one knows. */
export async function noteEmailChanged(tx: Db, before: Customer, after: Customer): Promise<void> {
  if (before.email === null || before.email === after.email) return;
  await queueMessage(tx, {
    kind: 'email_changed',
    facts: {},
    channel: 'email',
    recipient: before.email,
    language: after.language,
    dedupeKey: `email_changed:${after.id}:${after.version}`,
    now: after.updatedAt,
  });
}

/** To the phone that the account had, and to its e-mail address. */
export async function notePhoneChanged(tx: Db, before: Customer, after: Customer): Promise<void> {
  if (before.phone === null || before.phone === after.phone) return;
  const recipients = [
    ...(before.phoneVerifiedAt ? [{ channel: 'sms' as const, recipient: before.phone }] : []),
    ...(after.email === null ? [] : [{ channel: 'email' as const, recipient: after.email }]),
  ];
  const { language, updatedAt: now } = after;
  const messages = recipients.map(({ channel, recipient }) => ({
    kind: 'phone_changed' as const,
    facts: {} as Record<string, never>,
    channel,
    recipient,
    language,
    dedupeKey: `phone_changed:${after.id}:${after.version}:${channel}`,
    now,
  }));
  if (messages.length > 0) await queueMessages(tx, messages);
}

/** Of an account without an address, to its phone. */
export async function notePasswordChanged(tx: Db, customer: Customer, passwordHash: string, now: Date): Promise<void> {
  const notice = { kind: 'password_changed', facts: {} } as const;
  const dedupeKey = `password_changed:${customer.id}:${fingerprintOf(passwordHash)}`;
  await writeToOwner(tx, customer, { ...notice, dedupeKey, now });
}

/** An account has lost what somebody else has proved to be theirs: it is told where it can still be reached. */
export const noteContactLost = (tx: Db, lost: 'phone' | 'email', after: Customer): Promise<void> =>
  writeToOwner(tx, after, {
    kind: lost === 'phone' ? 'phone_lost' : 'email_lost',
    facts: {},
    dedupeKey: `${lost}_lost:${after.id}:${after.version}`,
    now: after.updatedAt,
  });

/**
 * Somebody proved that the phone of this account is theirs, which nothing had proved before: they and whoever reads the
 * address hear that the account is opened by the phone alone from now on.
 */
export async function notePhoneProved(tx: Db, { id, version, phone, email, language, updatedAt: now }: Customer) {
  const recipients = [
    ...(phone === null ? [] : [{ channel: 'sms' as const, recipient: phone }]),
    ...(email === null ? [] : [{ channel: 'email' as const, recipient: email }]),
  ];
  const notice = { kind: 'phone_proved', facts: {} as Record<string, never>, language, now } as const;
  const key = `phone_proved:${id}:${version}`;
  await queueMessages(
    tx,
    recipients.map((to) => ({ ...notice, ...to, dedupeKey: `${key}:${to.channel}` })),
  );
}

/** The last message to somebody: to the addresses that they had. */
export const noteErased = (tx: Db, before: Customer, now: Date): Promise<void> =>
  writeToOwner(tx, before, { kind: 'account_erased', facts: {}, dedupeKey: `account_erased:${before.id}`, now });

type Notice = Pick<Parameters<typeof queueMessage>[1], 'dedupeKey' | 'now'> & {
  readonly kind: 'password_changed' | 'phone_lost' | 'email_lost' | 'account_erased';
  readonly facts: Record<string, never>;
};

/** By mail; without an address by SMS, to a phone that was proved. */
async function writeToOwner(
  tx: Db,
  { email, phone, phoneVerifiedAt, language }: Customer,
  notice: Notice,
): Promise<void> {
  if (email !== null) await queueMessage(tx, { ...notice, channel: 'email', recipient: email, language });
  else if (phone !== null && phoneVerifiedAt) {
    await queueMessage(tx, { ...notice, channel: 'sms', recipient: phone, language });
  }
}
