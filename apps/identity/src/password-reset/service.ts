import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import { newUuid } from '@forecourt/service-kit';
import { recordAct } from '../audit/store.ts';
import type { Customer } from '../customer/customer.ts';
import { type Db, findCredentials, savePassword } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { loginThrottleKeys } from '../login/login.ts';
import type { LateFacts } from '../message/message.ts';
import { notePasswordChanged } from '../message/notices.ts';
import { queueMessage } from '../message/store.ts';
import { assertUncommon, fingerprintOf } from '../password/password.ts';
import { endAllSessions } from '../session/service.ts';
import { forgetAttempts, takeAttempt } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';
import { mailboxFor } from './password-reset.ts';
import { type ResetClaim, readResetToken, signResetToken } from './token.ts';

/**
 * Notes the wish, whoever has this address or nobody: the same statements, so the answer and its time tell nothing.
 * What the message says is looked up by the worker that sends it.
 */
export async function requestReset(
  deps: Deps,
  request: { email: string; language: Language; address: string },
): Promise<void> {
  const { db, database, clock, secrets, addressLimitScale } = deps;
  const now = clock();
  const attempt = (purpose: string, subject: string) => throttleKey(secrets.throttleKeys, purpose, subject);
  await takeAttempt(
    database,
    now,
    [
      {
        key: attempt('reset-address', networkOf(request.address)),
        policy: scaled(policies.passwordReset.address, addressLimitScale),
      },
    ],
    'too_many_requests',
  );
  if (await isExhausted(deps, attempt('reset-account', request.email), now)) return;
  const found = await findCredentials(db, { email: request.email });
  await queueMessage(database, {
    kind: 'password_reset',
    facts: {},
    ...mailboxFor(request.email, found?.customer ?? null),
    language: request.language,
    dedupeKey: `password_reset:${newUuid(now)}`,
    now,
  });
}

/** Enough mails lie in that mailbox for this hour; saying so would tell who asked for them. */
const isExhausted = ({ database }: Deps, key: string, now: Date): Promise<boolean> =>
  takeAttempt(database, now, [{ key, policy: policies.passwordReset.account }]).then(
    () => false,
    (error: unknown) => {
      if (error instanceof AppError && error.code === 'too_many_attempts') return true;
      throw error;
    },
  );

/**
 * The link of a reset message, made while it is sent, so that it is never stored. Nobody has the address, or by now it is
 * not where the link of its account goes: no message.
 */
export const resetLink =
  ({ db, clock, secrets, webUrl }: Pick<Deps, 'db' | 'clock' | 'secrets' | 'webUrl'>): LateFacts<'password_reset'> =>
  async ({ recipient }) => {
    const found = await findCredentials(db, recipient.includes('@') ? { email: recipient } : { phone: recipient });
    if (!found || found.customer.blockedAt) return null;
    const { email } = found.customer;
    if (email === null || mailboxFor(email, found.customer).recipient !== recipient) return null;
    if (recipient === email && (await isDoubtful(db, found.customer))) return null;
    const claim = { customerId: found.customer.id, fingerprint: fingerprintFor(found) };
    const url = new URL('/reset-password', webUrl);
    url.searchParams.set('token', await signResetToken(secrets.resetTokens, claim, clock()));
    return { facts: { url: url.toString() }, language: found.customer.language };
  };

/**
 * A code has once opened the account, so it is worth more than an address that anybody may have given it; and the phone
 * was replaced since. Its owner signs in by a code to the new one.
 */
async function isDoubtful(db: Db, { id, emailVerifiedAt }: Customer): Promise<boolean> {
  if (emailVerifiedAt) return false;
  const proof = await db.auditEntry.findFirst({ where: { subjectId: id, act: 'phone.proved' }, select: { id: true } });
  return proof !== null;
}

/** A new password for whoever holds the link, once; every session ends, here and everywhere. */
export async function resetPassword(
  deps: Deps,
  request: { token: string; newPassword: string; address: string },
): Promise<void> {
  const { db, clock, hasher, secrets } = deps;
  const { token, newPassword, address } = request;
  await throttle(deps, address);
  const claim = await readResetToken(secrets.resetTokens, token, clock());
  await checkLink(db, claim);
  assertUncommon(newPassword);
  const passwordHash = await hasher.hash(newPassword);

  await db.$transaction(async (tx) => {
    await lockAggregate(tx, 'customer', claim.customerId);
    const customer = await checkLink(tx, claim);
    const now = clock();
    await savePassword(tx, customer.id, passwordHash, now);
    const sessions = await endAllSessions(tx, customer.id, 'password_reset', now);
    await forgetAttempts(tx, loginThrottleKeys(secrets, customer, null));
    await notePasswordChanged(tx, customer, passwordHash, now);
    await recordAct(tx, {
      act: 'password.reset',
      actor: { role: 'customer', id: customer.id, address },
      subjectId: customer.id,
      facts: { sessions },
      at: now,
    });
  });
}

type Found = NonNullable<Awaited<ReturnType<typeof findCredentials>>>;

/** A new password overtakes a link, and so does a new address: who reads the old mailbox may be why there is one. */
const fingerprintFor = ({ customer, passwordHash }: Found) => fingerprintOf(`${passwordHash} ${customer.email}`);

async function checkLink(db: Db, { customerId, fingerprint }: ResetClaim) {
  const found = await findCredentials(db, { id: customerId });
  if (!found) throw new AppError('customer_not_found', 'The customer is gone.');
  if (fingerprintFor(found) !== fingerprint) {
    throw new AppError('reset_token_used', 'The link was used, or the password was changed since.');
  }
  return found.customer;
}

const throttle = ({ database, clock, secrets, addressLimitScale }: Deps, address: string) =>
  takeAttempt(
    database,
    clock(),
    [
      {
        key: throttleKey(secrets.throttleKeys, 'reset-token-address', networkOf(address)),
        policy: scaled(policies.resetToken.address, addressLimitScale),
      },
    ],
    'too_many_requests',
  );
