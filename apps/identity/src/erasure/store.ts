import type { Customer } from '../customer/customer.ts';
import type { Db } from '../customer/store.ts';

/** With the keys of devices, their push tokens, and refresh tokens. Gives the browsers that there were. */
export async function forgetSessions(tx: Db, { id, number }: Pick<Customer, 'id' | 'number'>): Promise<string[]> {
  await tx.$executeRaw`DELETE FROM signed_request WHERE customer_number = ${number}`;
  const sessions = await tx.$queryRaw<{ browser: string }[]>`
    DELETE FROM session WHERE customer_id = ${id} RETURNING COALESCE(client_id, id) AS browser`;
  return [...new Set(sessions.map(({ browser }) => browser))];
}

type Reached = Pick<Customer, 'id' | 'phone' | 'phoneVerifiedAt' | 'email'>;

/** What was asked for from within the account, or for what was proved to be theirs. */
export async function forgetCodes(tx: Db, { id, phone, phoneVerifiedAt, email }: Reached): Promise<void> {
  const recipients = [email, phoneVerifiedAt && phone].filter((recipient) => recipient !== null);
  await tx.$executeRaw`
    DELETE FROM code_request WHERE customer_id = ${id} OR recipient = ANY (${recipients}::text[])`;
}

/**
 * What went to them, and what was still to go. A phone that was never proved may be somebody else's, who waits for a
 * message: what is queued for it goes out.
 */
export async function forgetMessages(tx: Db, { phone, phoneVerifiedAt, email }: Reached): Promise<void> {
  await tx.$executeRaw`
    WITH gone AS (
      DELETE FROM message
      WHERE recipient = ${email}::text
         OR (recipient = ${phone}::text AND (${phoneVerifiedAt !== null}::boolean OR status <> 'queued'))
      RETURNING id)
    DELETE FROM message_call WHERE message_id IN (SELECT id FROM gone)`;
  await tx.$executeRaw`
    DELETE FROM development_message WHERE recipient = ${email}::text OR recipient = ${phone}::text`;
}

/** What is left says nothing of a person; the table refuses anything else. */
export async function emptyCustomer(
  tx: Db,
  { customerId, version, now }: { customerId: string; version: number; now: Date },
): Promise<void> {
  await tx.customer.update({
    where: { id: customerId },
    data: {
      phone: null,
      phoneVerifiedAt: null,
      email: null,
      emailVerifiedAt: null,
      name: null,
      firstName: null,
      middleName: null,
      lastName: null,
      birthday: null,
      sex: null,
      additionalInfo: null,
      personalNumber: null,
      referralCode: null,
      passwordHash: null,
      marketingOptIn: false,
      roles: [],
      lastLoginAt: null,
      version,
      updatedAt: now,
      erasedAt: now,
    },
    select: { id: true },
  });
}
