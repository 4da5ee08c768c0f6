import type { Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import type { Customer } from '../customer/customer.ts';
import { draftCustomer, tellRegistered } from '../customer/service.ts';
import { findTaken, insertCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { assertUncommon } from '../password/password.ts';
import { openSession, prepareSession } from '../session/service.ts';
import type { Visit } from '../session/session.ts';
import type { TokenPair } from '../session/token.ts';
import { takeAttempt } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';

export interface Registration {
  readonly phone: string;
  readonly email: string;
  readonly password: string;
  readonly name: string | null;
  readonly marketingOptIn: boolean;
  readonly language: Language;
  readonly visit: Visit & { readonly clientId: string };
}

/**
 * A new account and its first session. Answers once the guest orders of this phone and browser are attached; when orders
 * is away, it attaches them by the event instead.
 *
 * A phone that has an account is refused even if that account came from a code in another dialect and has neither
 * e-mail nor password: nothing here proves that the phone is the caller's.
 */
export async function register(
  deps: Deps,
  registration: Registration,
): Promise<{ customer: Customer; tokens: TokenPair }> {
  const { db, clock, hasher } = deps;
  assertUncommon(registration.password);
  await throttle(deps, registration.visit.address);
  const taken = await findTaken(db, registration);
  if (taken) throw new AppError(taken, 'Somebody is registered with it.');

  const passwordHash = await hasher.hash(registration.password);
  const now = clock();
  const { phone, email, name, marketingOptIn, language } = registration;
  const draft = draftCustomer({ phone, email, name, marketingOptIn, language, passwordHash, lastLoginAt: now }, now);
  const prepared = await prepareSession(deps, { customerId: draft.id, roles: draft.roles }, registration.visit, now);

  const customer = await db.$transaction(async (tx) => {
    await lockAggregate(tx, 'customer', draft.id);
    const inserted = await insertCustomer(tx, draft);
    if (!inserted) throw new AppError('account_taken', 'Somebody registered with it at the same moment.');
    await openSession(tx, prepared);
    await tellRegistered(tx, inserted, registration.visit.clientId);
    return inserted;
  });

  await claimOrders(deps, customer.id, registration);
  return { customer, tokens: prepared.tokens };
}

const throttle = ({ database, clock, secrets, addressLimitScale }: Deps, address: string) =>
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

async function claimOrders(
  { askForClaim, log }: Deps,
  customerId: string,
  { phone, visit }: Registration,
): Promise<void> {
  try {
    await askForClaim({ customerId, phone, clientId: visit.clientId });
  } catch (error) {
    log.warn(
      { err: error, customerId },
      'guest orders are not attached yet; orders will do it when it hears of the customer',
    );
  }
}
