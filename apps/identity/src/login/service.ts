import { AppError } from '@forecourt/errors';
import type { Customer } from '../customer/customer.ts';
import type { Deps } from '../deps.ts';
import { prepareSession } from '../session/service.ts';
import type { Visit } from '../session/session.ts';
import type { TokenPair } from '../session/token.ts';
import { takeAttempt } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';
import { loginThrottleKey, type TypedLogin } from './login.ts';
import { findLogin, type LoginThrottleKeys, openSessionByPassword } from './store.ts';

export interface Login {
  readonly identifier: TypedLogin;
  readonly password: string;
  readonly visit: Visit & { readonly clientId: string };
}

export interface SignedIn {
  readonly customer: Customer;
  readonly tokens: TokenPair;
}

/**
 * The same statements, one hash and the same refusal, whoever is unknown and whatever is wrong. A block is only told to
 * whoever knows the password. The attempt is counted while the password is hashed, and both are waited for: of parallel
 * guesses, those that are one too many cost a hash and learn nothing from it.
 */
export const logIn = (deps: Deps, login: Login): Promise<SignedIn> =>
  deps.hasher.admit(() => checkAndOpen(deps, login));

async function checkAndOpen(deps: Deps, login: Login): Promise<SignedIn> {
  const { database, clock, hasher } = deps;
  const keys = throttleKeysOf(deps, login);
  const found = await findLogin(database, login.identifier, login.visit.clientId, keys, clock());
  const account = found.knownBrowser ? keys.browser : keys.strangers;
  const counted = countAttempt(deps, account, keys.address);
  if (found.mustWait) await counted;
  const [matches] = await Promise.all([hasher.verify(found.passwordHash, login.password), counted]);
  if (!found.customer || !found.passwordHash || !matches) throw wrong();
  const { customer, passwordHash } = found;
  if (customer.blockedAt) throw new AppError('account_blocked', 'This account is blocked.');

  const rehashed = hasher.needsRehash(passwordHash) ? await hasher.hash(login.password) : null;
  const now = clock();
  const prepared = await prepareSession(deps, { customerId: customer.id, roles: customer.roles }, login.visit, now);
  const proof = { passwordHash, roles: customer.roles, rehashed, forget: account };
  const opened = await openSessionByPassword(database, prepared.session, proof);
  if (!opened) throw wrong(); // something changed while we were hashing
  return { customer: { ...customer, lastLoginAt: now }, tokens: prepared.tokens };
}

const wrong = () => new AppError('credentials_wrong', 'Wrong login or password.');

/**
 * Strangers share one count an account, and each browser that has logged in to it before has its own: who guesses at
 * somebody's password locks out themselves, not the customer.
 */
const throttleKeysOf = ({ secrets }: Deps, { identifier, visit }: Login): LoginThrottleKeys => ({
  strangers: loginThrottleKey(secrets, identifier, null),
  browser: loginThrottleKey(secrets, identifier, visit.clientId),
  address: throttleKey(secrets.throttleKeys, 'login-address', networkOf(visit.address)),
});

const countAttempt = ({ database, clock, addressLimitScale }: Deps, account: string, address: string): Promise<void> =>
  takeAttempt(database, clock(), [
    { key: account, policy: policies.login.account },
    { key: address, policy: scaled(policies.login.address, addressLimitScale) },
  ]);
