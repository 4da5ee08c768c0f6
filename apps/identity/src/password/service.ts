import { AppError } from '@forecourt/errors';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { lockCustomer } from '../customer/service.ts';
import { findCredentials, savePassword } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { loginThrottleKeys } from '../login/login.ts';
import { notePasswordChanged } from '../message/notices.ts';
import { endAllSessions } from '../session/service.ts';
import { findBrowser } from '../session/store.ts';
import { forgetAttempts, takeAttempt } from '../throttle/store.ts';
import { policies } from '../throttle/throttle.ts';
import { assertUncommon } from './password.ts';

export interface PasswordChange {
  readonly customerId: string;
  readonly password: string;
  /** The session in which it is asked for goes on, when it is one of this customer's. */
  readonly sessionId: string;
  readonly actor: Actor;
}

/** Whoever knew the old one is out: every other session and device ends, and guesses at the old one are forgotten. */
export async function changePassword(deps: Deps, change: PasswordChange): Promise<void> {
  const { db, clock, hasher, secrets } = deps;
  const { customerId, password, sessionId, actor } = change;
  assertUncommon(password);
  const passwordHash = await hasher.hash(password);

  await db.$transaction(async (tx) => {
    const customer = await lockCustomer(tx, customerId);
    const now = clock();
    await savePassword(tx, customerId, passwordHash, now);
    await endAllSessions(tx, customerId, 'password_changed', now, { except: sessionId });
    await forgetAttempts(tx, loginThrottleKeys(secrets, customer, null));
    await recordAct(tx, { act: 'password.changed', actor, subjectId: customerId, at: now });
    await notePasswordChanged(tx, customer, passwordHash, now);
  });
}

export interface PasswordCheck {
  readonly customerId: string;
  readonly password: string;
  /** In which it is asked: one of this customer's, or an operator's. */
  readonly sessionId: string;
}

/**
 * Whether this is the customer's password. It costs a hash also for who has none, and is counted as a login is: from a
 * session of theirs on the count of its browser, from anybody else's on that of strangers, under both of the names that
 * they log in with. So nobody has more guesses here than there, and who has none left there has none here.
 */
export const checkPassword = (deps: Deps, { customerId, password, sessionId }: PasswordCheck): Promise<boolean> =>
  deps.hasher.admit(async () => {
    const { db, database, clock, hasher, secrets } = deps;
    const [found, browser] = await Promise.all([
      findCredentials(db, { id: customerId }),
      findBrowser(database, { sessionId, customerId }),
    ]);
    if (!found) throw new AppError('customer_not_found', 'There is no such customer.');

    const keys = loginThrottleKeys(secrets, found.customer, browser);
    const attempts = keys.map((key) => ({ key, policy: policies.login.account }));
    await takeAttempt(database, clock(), attempts);
    const matches = await hasher.verify(found.passwordHash, password);
    if (matches) await forgetAttempts(database, keys);
    return matches;
  });
