import { principalOf } from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Actor } from '../../audit/audit.ts';

export const Id = z.string().regex(/^[0-9a-f]{24}$/);
export const Instant = z.iso.datetime();
export const CustomerParams = z.strictObject({ customerId: Id });

export const actorOf = (request: FastifyRequest): Actor => ({
  role: 'operator',
  id: principalOf(request).customerId,
  address: request.ip,
});

export const toInstant = (date: Date | null): string | null => date?.toISOString() ?? null;
