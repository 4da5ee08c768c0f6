import { customerChanged, customerRegistered } from '@forecourt/contracts';
import { enqueue, lockAggregate } from '@forecourt/messaging';
import { newObjectId, newUuid } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { endAllSessions } from '../session/service.ts';
import { block, type Customer, displayName, emptyProfile, grantRole, unblock } from './customer.ts';
import { type Db, getCustomer, type NewCustomer, saveCustomer } from './store.ts';

/** Somebody who is not stored yet; what is not told of them is unknown. */
export const draftCustomer = (facts: Partial<NewCustomer> & Pick<NewCustomer, 'language'>, now: Date): NewCustomer => ({
  ...emptyProfile,
  id: newObjectId(now),
  uuid: newUuid(now),
  phone: null,
  phoneVerifiedAt: null,
  email: null,
  emailVerifiedAt: null,
  passwordHash: null,
  marketingOptIn: false,
  roles: [],
  referralCode: null,
  blockedAt: null,
  version: 1,
  createdAt: now,
  updatedAt: now,
  lastLoginAt: null,
  ...facts,
});

/** From here on they can neither log in nor refresh, and their sessions are over. */
export const blockCustomer = ({ db, clock }: Deps, customerId: string): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const now = clock();
    const customer = block(before, now);
    if (customer === before) return before;

    await saveAndTell(tx, customer);
    await endAllSessions(tx, customerId, 'blocked', now);
    return customer;
  });

export const unblockCustomer = ({ db, clock }: Deps, customerId: string): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const customer = unblock(before, clock());
    if (customer !== before) await saveAndTell(tx, customer);
    return customer;
  });

/** Gives how many sessions there were to end. */
export const endSessionsOfCustomer = ({ db, clock }: Deps, customerId: string): Promise<number> =>
  db.$transaction(async (tx) => {
    await lockCustomer(tx, customerId);
    return endAllSessions(tx, customerId, 'ended_by_operator', clock());
  });

export const giveRole = (
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  customerId: string,
  role: string,
): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const customer = grantRole(before, role, clock());
    if (customer !== before) await saveAndTell(tx, customer);
    return customer;
  });

export const tellRegistered = (tx: Db, customer: Customer, clientId: string | null): Promise<void> => {
  const { id: customerId, version, phone, email, language, createdAt: registeredAt } = customer;
  const name = displayName(customer);
  return enqueue(tx, customerRegistered, { customerId, version, phone, email, name, language, clientId, registeredAt });
};

export async function lockCustomer(tx: Db, customerId: string): Promise<Customer> {
  await lockAggregate(tx, 'customer', customerId);
  return getCustomer(tx, customerId);
}

/** Under the customer's lock. */
export async function saveAndTell(tx: Db, customer: Customer): Promise<void> {
  await saveCustomer(tx, customer);
  const { id: customerId, version, phone, email, language, roles, blockedAt, updatedAt } = customer;
  await enqueue(tx, customerChanged, {
    customerId,
    version,
    phone,
    email,
    name: displayName(customer),
    language,
    roles: [...roles],
    blocked: blockedAt !== null,
    changedAt: updatedAt,
  });
}
