import { AppError } from '@forecourt/errors';
import type { FastifyRequest } from 'fastify';

/** Who is calling, as their access token says. */
export interface Principal {
  customerId: string;
  sessionId: string;
  roles: readonly string[];
}

/** The principal of a route behind `requirePrincipal` or `requireRole`. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new AppError('unauthenticated', 'Sign in first.');
  return request.principal;
}
