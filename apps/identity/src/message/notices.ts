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

export async function notePasswordChanged(tx: Db, customer: Customer, passwordHash: string, now: Date): Promise<void> {
  if (customer.email === null) return;
  await queueMessage(tx, {
    kind: 'password_changed',
    facts: {},
    channel: 'email',
    recipient: customer.email,
    language: customer.language,
    dedupeKey: `password_changed:${customer.id}:${fingerprintOf(passwordHash)}`,
    now,
  });
}
