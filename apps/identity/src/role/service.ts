import type { Actor } from '../audit/audit.ts';
import { recordAct } from '../audit/store.ts';
import { type Customer, grantRole, withdrawRole } from '../customer/customer.ts';
import { lockCustomer, saveAndTell } from '../customer/service.ts';
import type { Deps } from '../deps.ts';
import { endAllSessions } from '../session/service.ts';
import { assertAnotherOperator, assertStillOperator } from './operators.ts';
import { operatorRole, type Role } from './role.ts';

export interface RoleChange {
  readonly customerId: string;
  readonly role: Role;
  readonly actor: Actor;
}

/** Said by the tokens that they get from now on: at the next refresh, or sign-in. */
export const giveRole = (
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { customerId, role, actor }: RoleChange,
): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    await assertStillOperator(tx, actor);
    const now = clock();
    const customer = grantRole(before, role, now);
    if (customer === before) return before;

    await saveAndTell(tx, customer);
    await recordAct(tx, { act: 'role.granted', actor, subjectId: customerId, facts: { role }, at: now });
    return customer;
  });

/** Tokens say the role for as long as they live, so every session ends with it; they may sign in again without it. */
export const takeRole = (
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { customerId, role, actor }: RoleChange,
): Promise<Customer> =>
  db.$transaction(async (tx) => {
    const before = await lockCustomer(tx, customerId);
    await assertStillOperator(tx, actor);
    const now = clock();
    const customer = withdrawRole(before, role, now);
    if (customer === before) return before;

    if (role === operatorRole) await assertAnotherOperator(tx, before);
    await saveAndTell(tx, customer);
    const sessions = await endAllSessions(tx, customerId, 'role_withdrawn', now);
    await recordAct(tx, {
      act: 'role.withdrawn',
      actor,
      subjectId: customerId,
      facts: { role, sessions },
      at: now,
    });
    return customer;
  });
