import { operators, toE164 } from '@forecourt/dialects';
import { type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import { blockCustomer, lookAtCustomer, unblockCustomer } from '../../customer/service.ts';
import { listCustomers } from '../../customer/store.ts';
import type { Deps } from '../../deps.ts';
import { operatorRole } from '../../role/role.ts';
import { actorOf, CustomerParams } from './common.ts';
import {
  CustomerBody,
  CustomerSummaryBody,
  toCustomerBody,
  toCustomerSummary,
  toPresentCustomerBody,
} from './customer-bodies.ts';

const ListQuery = z.strictObject({
  search: text({ max: 254 }).optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const ListBody = z.strictObject({
  items: z.array(CustomerSummaryBody),
  page: z.int(),
  limit: z.int(),
  total: z.int(),
});

export const customerRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole(operatorRole);
    const tags = ['Customers'];

    app.get('/admin/customers', {
      onRequest,
      schema: {
        operationId: 'listCustomers',
        summary: 'Customers, newest first',
        description:
          '`search` finds words that are each a part of the e-mail address or of a name, or the whole phone, id, uuid ' +
          'or number; somebody who was erased only by these last three. Looking through the list is not written down.',
        tags,
        querystring: ListQuery,
        response: { 200: ListBody },
      },
      handler: async ({ query: { search, page, limit } }) => {
        const wanted = search || null;
        const { items, total } = await listCustomers(deps.db, { search: wanted, phone: asPhone(wanted), page, limit });
        return { items: items.map(toCustomerSummary), page, limit, total };
      },
    });

    app.get('/admin/customers/:customerId', {
      onRequest,
      schema: {
        operationId: 'getCustomer',
        summary: 'One customer, whole',
        description:
          'The audit log says who looked. Of somebody who was erased the identifiers are left, so that what names them ' +
          'elsewhere can still be understood.',
        tags,
        params: CustomerParams,
        response: { 200: CustomerBody },
      },
      handler: async (request) =>
        toCustomerBody(await lookAtCustomer(deps, request.params.customerId, actorOf(request), 'profile')),
    });

    app.post('/admin/customers/:customerId/block', {
      onRequest,
      schema: {
        operationId: 'blockCustomer',
        summary: 'End all sessions of a customer and let them start no new one',
        description: 'Nobody blocks themselves (`own_account`) or the last operator (`last_operator`).',
        tags,
        params: CustomerParams,
        response: { 200: CustomerBody },
      },
      handler: async (request) =>
        toPresentCustomerBody(await blockCustomer(deps, request.params.customerId, actorOf(request))),
    });

    app.post('/admin/customers/:customerId/unblock', {
      onRequest,
      schema: {
        operationId: 'unblockCustomer',
        summary: 'Let a customer sign in again',
        tags,
        params: CustomerParams,
        response: { 200: CustomerBody },
      },
      handler: async (request) =>
        toPresentCustomerBody(await unblockCustomer(deps, request.params.customerId, actorOf(request))),
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
