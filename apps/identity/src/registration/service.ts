import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import type { Customer, Profile } from '../customer/customer.ts';
import { draftCustomer, tellRegistered } from '../customer/service.ts';
import { type Db, findTaken, insertCustomer, type NewCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { assertUncommon } from '../password/password.ts';
import { openSession, prepareSession } from '../session/service.ts';
import type { Visit } from '../session/session.ts';
import type { TokenPair } from '../session/token.ts';
import { takeAttempt } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';

/** What makes an account. Nothing proves that the phone or the address is theirs. */
export interface NewAccount {
  readonly phone: string;
  readonly email: string;
  readonly password: string;
  readonly profile: Partial<Profile>;
  readonly marketingOptIn: boolean;
  readonly language: Language;
}

/**
 * A new account, and no session: whoever made it need not be the person that it is for.
 *
 * A phone that has an account is refused even if that account came from a code in another dialect and has neither
 * e-mail nor password: nothing here proves that the phone is the caller's.
 */
export async function register(deps: Deps, account: NewAccount, address: string): Promise<Customer> {
  const draft = await prepareAccount(deps, account, address);
  return deps.db.$transaction((tx) => storeAccount(tx, draft, null));
}

/**
 * A new account and its first session. Answers once the guest orders of this phone and browser are attached; when orders
 * is away, it attaches them by the event instead.
 */
export async function registerAndSignIn(
  deps: Deps,
  account: NewAccount,
  visit: Visit & { readonly clientId: string },
): Promise<{ customer: Customer; tokens: TokenPair }> {
  const draft = await prepareAccount(deps, account, visit.address);
  const now = draft.createdAt;
  const prepared = await prepareSession(deps, { customerId: draft.id, roles: draft.roles }, visit, now);

  const customer = await deps.db.$transaction(async (tx) => {
    const stored = await storeAccount(tx, { ...draft, lastLoginAt: now }, visit.clientId);
    await openSession(tx, prepared);
    return stored;
  });

  await claimOrders(deps, { customerId: customer.id, phone: account.phone, clientId: visit.clientId });
  return { customer, tokens: prepared.tokens };
}

/** All that costs time, before the transaction. */
async function prepareAccount(deps: Deps, account: NewAccount, address: string): Promise<NewCustomer> {
  const { db, clock, hasher } = deps;
  const { password, profile, ...facts } = account;
  assertUncommon(password);
  await throttleRegistrations(deps, address);
  const taken = await findTaken(db, account);
  if (taken) throw new AppError(taken, 'Somebody is registered with it.');

  const passwordHash = await hasher.hash(password);
  return draftCustomer({ ...profile, ...facts, passwordHash }, clock());
}

async function storeAccount(tx: Db, draft: NewCustomer, clientId: string | null): Promise<Customer> {
  await lockAggregate(tx, 'customer', draft.id);
  const customer = await insertCustomer(tx, draft);
  if (!customer) throw new AppError('account_taken', 'Somebody registered with it at the same moment.');
  await tellRegistered(tx, customer, clientId);
  return customer;
}

export const throttleRegistrations = (
  { database, clock, secrets, addressLimitScale }: Deps,
  address: string,
): Promise<void> =>
  takeAttempt(
    database,
    clock(),
    [
      {
        key: throttleKey(secrets.throttleKeys, 'registration-address', networkOf(address)),
        policy: scaled(policies.registration.address, addressLimitScale),
      },
    ],
    'too_many_requests',
  );

export async function claimOrders(
  { askForClaim, log }: Deps,
  claim: Parameters<Deps['askForClaim']>[0],
): Promise<void> {
  try {
    await askForClaim(claim);
  } catch (error) {
    log.warn(
      { err: error, customerId: claim.customerId },
      'guest orders are not attached yet; orders does it when it hears of a new customer, or at their next login by code',
    );
  }
}
