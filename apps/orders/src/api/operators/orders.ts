import { ObjectId, OrderStatus } from '@forecourt/contracts';
import { operators, toE164, toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { findOrderWithHistory, listOrders } from '../../order/lookup.ts';
import type { Order } from '../../order/order.ts';
import { moveOrder } from '../../order/service.ts';
import { Limit, nextOf, Time } from './common.ts';

const Timestamp = z.iso.datetime({ offset: true }).transform((instant) => new Date(instant));

const OrderBody = z
  .object({
    id: z.string(),
    number: z.string(),
    version: z.int(),
    status: OrderStatus,
    customerId: z.string().nullable(),
    phone: z.string().nullable().describe('null once the customer was erased'),
    name: z.string().nullable(),
    comment: z.string().nullable(),
    language: z.string(),
    currency: z.string(),
    items: z.array(
      z.object({
        productId: z.string(),
        sku: z.string(),
        title: z.string(),
        quantity: z.int(),
        price: z.number(),
        priceOriginal: z.number(),
        options: z.record(z.string(), z.union([z.string(), z.number()])),
        discounts: z.array(z.object({ discountId: z.string(), name: z.string() })),
      }),
    ),
    itemsTotal: z.number(),
    deliveryFee: z.number(),
    total: z.number(),
    createdAt: Time,
    updatedAt: Time,
  })
  .meta({ id: 'OperatorOrder' });

const HistoryBody = z.object({
  what: z.enum(['placed', 'moved', 'claimed']),
  status: OrderStatus,
  at: Time,
  by: z.string().nullable().describe('The customer or operator; null for a guest'),
  reason: z.string().nullable(),
});

export const orderRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    app.get('/admin/orders', {
      onRequest,
      schema: {
        operationId: 'listOrders',
        summary: 'Orders, newest first',
        tags: ['Orders'],
        querystring: z.strictObject({
          status: OrderStatus.optional(),
          phone: text({ min: 1, max: 32 }).optional(),
          number: text({ min: 1, max: 32 }).optional(),
          customerId: ObjectId.optional(),
          from: Timestamp.optional(),
          to: Timestamp.optional(),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(OrderBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { phone, number, ...query } }) => {
        const orders = await listOrders(deps.prisma, {
          ...query,
          phone: phone && toE164(phone, operators.defaultRegion),
          number: number?.toUpperCase(),
        });
        return { items: orders.map(toOrderBody), next: nextOf(orders, query.limit, ({ id }) => id) };
      },
    });

    app.get('/admin/orders/:orderId', {
      onRequest,
      schema: {
        operationId: 'getOrder',
        summary: 'An order and what happened to it',
        tags: ['Orders'],
        params: z.object({ orderId: ObjectId }),
        response: { 200: OrderBody.extend({ history: z.array(HistoryBody) }).meta({ id: 'OrderWithHistory' }) },
      },
      handler: async ({ params: { orderId } }) => {
        const found = await findOrderWithHistory(deps.prisma, orderId);
        if (!found) throw new AppError('order_not_found', 'There is no such order.');
        const history = found.history.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() }));
        return { ...toOrderBody(found.order), history };
      },
    });

    app.post('/admin/orders/:orderId/move', {
      onRequest,
      schema: {
        operationId: 'moveOrder',
        summary: 'Move an order along new → processing → done or cancelled; a cancelled one gives its stock back',
        tags: ['Orders'],
        params: z.object({ orderId: ObjectId }),
        body: z.strictObject({ to: OrderStatus, reason: text({ max: 500 }).optional() }),
        response: { 200: OrderBody },
      },
      handler: async (request) => {
        const { to, reason } = request.body;
        const { customerId: by } = principalOf(request);
        return toOrderBody(await moveOrder(deps, { ...request.params, to, by, reason: reason || null }));
      },
    });
  };

function toOrderBody(order: Order): z.input<typeof OrderBody> {
  const { clientId: _secret, items, itemsTotal, deliveryFee, total, createdAt, updatedAt, ...rest } = order;
  const major = (amount: bigint) => toMajorUnits(amount, order.currency);
  return {
    ...rest,
    items: items.map(({ productId, sku, title, quantity, price, priceOriginal, options, discountsApplied }) => ({
      productId,
      sku,
      title,
      quantity,
      price: major(price),
      priceOriginal: major(priceOriginal),
      options: { ...options },
      discounts: discountsApplied.map(({ discountId, name }) => ({ discountId, name })),
    })),
    itemsTotal: major(itemsTotal),
    deliveryFee: major(deliveryFee),
    total: major(total),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
