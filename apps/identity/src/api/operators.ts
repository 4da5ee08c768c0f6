import { languages, operators, toE164 } from '@forecourt/dialects';
import { type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Customer } from '../customer/customer.ts';
import { blockCustomer, endSessionsOfCustomer, unblockCustomer } from '../customer/service.ts';
import { getCustomer, listCustomers } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { operatorRole } from '../operator/service.ts';

const Instant = z.iso.datetime();
const CustomerBody = z
  .strictObject({
    id: z.string(),
    uuid: z.string(),
    number: z.int(),
    phone: z.string().nullable(),
    phoneVerifiedAt: Instant.nullable(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    marketingOptIn: z.boolean(),
    language: z.enum(languages),
    roles: z.array(z.string()),
    blockedAt: Instant.nullable(),
    createdAt: Instant,
    updatedAt: Instant,
    lastLoginAt: Instant.nullable(),
  })
  .meta({ id: 'OperatorsCustomer' });

const ListQuery = z.strictObject({
  search: text({ max: 254 }).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const ListBody = z.strictObject({ items: z.array(CustomerBody), page: z.int(), limit: z.int(), total: z.int() });
const Params = z.strictObject({ customerId: z.string().regex(/^[0-9a-f]{24}$/) });

export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
    const onRequest = app.requireRole(operatorRole);
    const tags = ['Customers'];

    app.get('/admin/customers', {
      onRequest,
      schema: {
        operationId: 'listCustomers',
        summary: 'Customers, newest first',
        description: '`search` finds a part of the e-mail address or name, or the whole phone, id, uuid or number.',
        tags,
        querystring: ListQuery,
        response: { 200: ListBody },
      },
      handler: async ({ query: { search, page, limit } }) => {
        const wanted = search || null;
        const { items, total } = await listCustomers(deps.db, { search: wanted, phone: asPhone(wanted), page, limit });
        return { items: items.map(toCustomerBody), page, limit, total };
      },
    });

    app.get('/admin/customers/:customerId', {
      onRequest,
      schema: {
        operationId: 'getCustomer',
        summary: 'One customer',
        tags,
        params: Params,
        response: { 200: CustomerBody },
      },
      handler: async ({ params }) => toCustomerBody(await getCustomer(deps.db, params.customerId)),
    });

    app.post('/admin/customers/:customerId/block', {
      onRequest,
      schema: {
        operationId: 'blockCustomer',
        summary: 'End all sessions of a customer and let them start no new one',
        tags,
        params: Params,
        response: { 200: CustomerBody },
      },
      handler: async ({ params }) => toCustomerBody(await blockCustomer(deps, params.customerId)),
    });

    app.post('/admin/customers/:customerId/unblock', {
      onRequest,
      schema: {
        operationId: 'unblockCustomer',
        summary: 'Let a customer sign in again',
        tags,
        params: Params,
        response: { 200: CustomerBody },
      },
      handler: async ({ params }) => toCustomerBody(await unblockCustomer(deps, params.customerId)),
    });

    app.delete('/admin/customers/:customerId/sessions', {
      onRequest,
      schema: {
        operationId: 'endCustomerSessions',
        summary: 'Sign a customer out everywhere',
        tags,
        params: Params,
        response: { 200: z.strictObject({ ended: z.int() }) },
      },
      handler: async ({ params }) => ({ ended: await endSessionsOfCustomer(deps, params.customerId) }),
    });
  };

function asPhone(search: string | null): string | null {
  if (search === null) return null;
  try {
    return toE164(search, operators.defaultRegion);
  } catch {
    return null;
  }
}

const toCustomerBody = (customer: Customer): z.input<typeof CustomerBody> => ({
  id: customer.id,
  uuid: customer.uuid,
  number: Number(customer.number),
  phone: customer.phone,
  phoneVerifiedAt: customer.phoneVerifiedAt?.toISOString() ?? null,
  email: customer.email,
  name: customer.name,
  marketingOptIn: customer.marketingOptIn,
  language: customer.language,
  roles: [...customer.roles],
  blockedAt: customer.blockedAt?.toISOString() ?? null,
  createdAt: customer.createdAt.toISOString(),
  updatedAt: customer.updatedAt.toISOString(),
  lastLoginAt: customer.lastLoginAt?.toISOString() ?? null,
});
