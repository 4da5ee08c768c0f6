import { z } from 'zod';
import { defineEvent } from './define.ts';
import { Instant, Language, ObjectId, Phone, Version } from './values.ts';

const customer = {
  customerId: ObjectId,
  version: Version,
  /** null: an operator's account, made without one. */
  phone: Phone.nullable(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  language: Language,
};

export const customerRegistered = defineEvent('identity.customer.registered.v1', {
  summary: 'Somebody has an account now. `clientId` is the browser that they registered from, if they did from one.',
  aggregate: 'customerId',
  data: z.object({ ...customer, clientId: z.string().nullable(), registeredAt: Instant }),
});

export const customerChanged = defineEvent('identity.customer.changed.v1', {
  summary: 'The facts about a customer, whole, after a change.',
  aggregate: 'customerId',
  data: z.object({ ...customer, roles: z.array(z.string()), blocked: z.boolean(), changedAt: Instant }),
});

export const sessionRevoked = defineEvent('identity.session.revoked.v1', {
  summary: 'Tokens of this session are worth nothing from now on, in every service, within a second.',
  aggregate: 'sessionId',
  data: z.object({
    sessionId: ObjectId,
    version: Version,
    customerId: ObjectId,
    reason: z.enum(['logout', 'password_reset', 'refresh_reused', 'blocked', 'ended_by_customer', 'ended_by_operator']),
    revokedAt: Instant,
  }),
});
