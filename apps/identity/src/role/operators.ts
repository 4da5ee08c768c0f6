import { AppError } from '@forecourt/errors';
import { lockAggregate, type SqlTx } from '@forecourt/messaging';
import type { Actor } from '../audit/audit.ts';
import type { Customer } from '../customer/customer.ts';
import { operatorRole } from './role.ts';

/**
 * Who is an operator changes for one at a time, so that of two who withdraw from one another one is left. Taken after the
 * lock of a customer, and nobody who holds it waits for a customer's.
 */
const lockOperators = (tx: SqlTx): Promise<void> => lockAggregate(tx, 'role', operatorRole);

/** Refuses when there would be nobody left who can sign in as an operator. Under the customer's lock. */
export async function assertAnotherOperator(tx: SqlTx, { id, roles }: Customer): Promise<void> {
  if (!roles.includes(operatorRole)) return;
  await lockOperators(tx);
  const [another] = await tx.$queryRaw<unknown[]>`
    SELECT FROM customer
    WHERE roles @> ARRAY[${operatorRole}]::text[] AND roles <> '{}' AND id <> ${id}
      AND blocked_at IS NULL AND erased_at IS NULL
    LIMIT 1`;
  if (!another) throw new AppError('last_operator', 'Nobody else can sign in as an operator.');
}

/** A token lives for a second longer than its role; roles are given and withdrawn by those alone who have theirs still. */
export async function assertStillOperator(tx: SqlTx, actor: Actor): Promise<void> {
  if (actor.role === 'system') return;
  await lockOperators(tx);
  const [operator] = await tx.$queryRaw<unknown[]>`
    SELECT FROM customer WHERE id = ${actor.id} AND roles @> ARRAY[${operatorRole}]::text[] AND blocked_at IS NULL`;
  if (operator) return;
  throw new AppError('role_required', 'Only for operators.', { params: { role: operatorRole } });
}
