import { AppError } from '@forecourt/errors';
import { type Principal, principalOf } from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../audit/audit.ts';
import { findIdByUuid } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { operatorRole } from '../role/role.ts';

interface Subject {
  readonly customerId: string;
  readonly actor: Extract<Actor, { id: string }>;
  readonly sessionId: string;
}

/** Customers speak of themselves alone, operators of everybody; somebody else's id is as unknown as nobody's. */
export async function subjectOf(
  { db }: Pick<Deps, 'db'>,
  request: FastifyRequest,
  clientId: string | undefined,
): Promise<Subject> {
  const principal = principalOf(request);
  const { customerId: caller, sessionId } = principal;
  const customerId = clientId === undefined ? caller : await findIdByUuid(db, clientId);
  if (customerId === null || (customerId !== caller && !isOperator(principal))) {
    throw new AppError('customer_not_found', 'There is no such customer.');
  }
  const role = customerId === caller ? 'customer' : 'operator';
  return { customerId, actor: { role, id: caller, address: request.ip }, sessionId };
}

const isOperator = ({ roles }: Principal): boolean => roles.includes(operatorRole);
