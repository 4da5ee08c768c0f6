import { customerChanged, customerRegistered, phoneVerified } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { enqueue, lockAggregate } from '@forecourt/messaging';
import { newObjectId, newUuid } from '@forecourt/service-kit';
import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import type { Deps } from '../deps.ts';
import { assertAnotherOperator } from '../role/operators.ts';
import { endAllSessions } from '../session/service.ts';
import { block, type Customer, displayName, emptyProfile, unblock } from './customer.ts';
import { type CustomerRecord, type Db, getCustomer, getRecord, type NewCustomer, saveCustomer } from './store.ts';

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
  personalNumber: null,
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

/** Whom somebody else looks at, and at what of them, is written down before they see it. */
export async function lookAtCustomer(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  customerId: string,
  actor: Actor,
  shown: 'profile' | 'sessions' | 'devices',
): Promise<CustomerRecord> {
  const customer = await getRecord(db, customerId);
  await recordAct(db, { act: 'customer.read', actor, subjectId: customerId, facts: { shown }, at: clock() });
  return customer;
}

/** From here on they can neither log in nor refresh, and their sessions are over. */
export const blockCustomer = ({ db, clock }: Deps, customerId: string, actor: Actor): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const now = clock();
    const customer = block(before, now);
    if (customer === before) return before;

    await assertAnotherOperator(tx, before);
    if (actor.role === 'operator' && actor.id === customerId) {
      throw new AppError('own_account', 'Another operator must block you.');
    }
    await saveAndTell(tx, customer);
    const sessions = await endAllSessions(tx, customerId, 'blocked', now);
    await recordAct(tx, { act: 'customer.blocked', actor, subjectId: customerId, facts: { sessions }, at: now });
    return customer;
  });

export const unblockCustomer = ({ db, clock }: Deps, customerId: string, actor: Actor): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    const now = clock();
    const customer = unblock(before, now);
    if (customer === before) return before;

    await saveAndTell(tx, customer);
    await recordAct(tx, { act: 'customer.unblocked', actor, subjectId: customerId, at: now });
    return customer;
  });

/** Gives how many sessions and devices there were to end. */
export const endSessionsOfCustomer = ({ db, clock }: Deps, customerId: string, actor: Actor): Promise<number> =>
  db.$transaction(async (tx) => {
    await lockCustomer(tx, customerId);
    const now = clock();
    const sessions = await endAllSessions(tx, customerId, 'ended_by_operator', now);
    if (sessions > 0) {
      await recordAct(tx, { act: 'session.ended', actor, subjectId: customerId, facts: { sessions }, at: now });
    }
    return sessions;
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

/** A further fact about a customer who has just been saved and told: it has a version of its own. Gives the customer as it is then. */
export async function tellPhoneVerified(tx: Db, customer: Customer): Promise<Customer> {
  const { id: customerId, phone, phoneVerifiedAt: verifiedAt } = customer;
  if (phone === null || verifiedAt === null) throw new Error(`the phone of customer ${customerId} is not proved`);
  const told = { ...customer, version: customer.version + 1 };
  await saveCustomer(tx, told);
  await enqueue(tx, phoneVerified, { customerId, version: told.version, phone, verifiedAt });
  return told;
}
