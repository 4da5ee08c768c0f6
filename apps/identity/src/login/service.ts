import { AppError } from '@forecourt/errors';
import type { Customer } from '../customer/customer.ts';
import type { Deps } from '../deps.ts';
import { needsRehash } from '../password/hasher.ts';
import { prepareSession } from '../session/service.ts';
import type { Visit } from '../session/session.ts';
import type { TokenPair } from '../session/token.ts';
import { takeAttempt } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';
import { loginThrottleKey, type TypedLogin } from './login.ts';
import { findLogin, openSessionByPassword } from './store.ts';

export interface Login {
  readonly identifier: TypedLogin;
  readonly password: string;
  readonly visit: Visit & { readonly clientId: string };
}

/**
 * The same statements, one hash and the same refusal, whoever is unknown and whatever is wrong. A block is only told to
 * whoever knows the password.
 */
export async function logIn(deps: Deps, login: Login): Promise<{ customer: Customer; tokens: TokenPair }> {
  const { database, clock, hasher } = deps;
  const found = await findLogin(database, login.identifier, login.visit.clientId);
  const account = await countAttempt(deps, login, found?.knownBrowser ?? false);

  const matches = await hasher.verify(found?.passwordHash ?? null, login.password);
  if (!found?.passwordHash || !matches) throw wrong();
  const { customer, passwordHash } = found;
  if (customer.blockedAt) throw new AppError('account_blocked', 'This account is blocked.');

  const rehashed = needsRehash(passwordHash) ? await hasher.hash(login.password) : null;
  const now = clock();
  const prepared = await prepareSession(deps, { customerId: customer.id, roles: customer.roles }, login.visit, now);
  const opened = await openSessionByPassword(database, prepared.session, { passwordHash, rehashed, forget: account });
  if (!opened) throw wrong(); // changed or blocked while we were hashing
  return { customer: { ...customer, lastLoginAt: now }, tokens: prepared.tokens };
}

const wrong = () => new AppError('credentials_wrong', 'Wrong login or password.');

/**
 * Strangers share one count an account, and each browser that has logged in to it before has its own: who guesses at
 * somebody's password locks out themselves, not the customer.
 */
async function countAttempt(deps: Deps, { identifier, visit }: Login, knownBrowser: boolean): Promise<string> {
  const { database, clock, secrets, addressLimitScale } = deps;
  const account = loginThrottleKey(secrets, identifier, knownBrowser ? visit.clientId : null);
  await takeAttempt(database, clock(), [
    { key: account, policy: policies.login.account },
    {
      key: throttleKey(secrets.throttleKeys, 'login-address', networkOf(visit.address)),
      policy: scaled(policies.login.address, addressLimitScale),
    },
  ]);
  return account;
}
