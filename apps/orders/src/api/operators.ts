import { isUtf8 } from 'node:buffer';
import { ObjectId, OrderStatus } from '@forecourt/contracts';
import { operators, toE164, toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { principalOf, type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import { type DeliveryState, getDelivery, saveDelivery } from '../delivery/store.ts';
import type { Deps } from '../deps.ts';
import { findOrderWithHistory, listOrders } from '../order/lookup.ts';
import type { Order } from '../order/order.ts';
import { moveOrder } from '../order/service.ts';
import { readCsv, readJsonLines } from '../stock/import-file.ts';
import { importCounts, setCount } from '../stock/service.ts';
import { listStock, type StockLine } from '../stock/store.ts';
import { wholeNumber } from './query.ts';

const tags = {
  orders: ['Orders'],
  stock: ['Stock'],
  delivery: ['Delivery'],
} as const;

const Limit = wholeNumber({ min: 1, max: 100 }).default(50);
const Amount = z.number().min(0).max(9_007_199_254_740);
const Timestamp = z.iso.datetime({ offset: true }).transform((instant) => new Date(instant));
const Time = z.string().meta({ format: 'date-time' });

const OrderBody = z
  .object({
    id: z.string(),
    number: z.string(),
    version: z.int(),
    status: OrderStatus,
    customerId: z.string().nullable(),
    phone: z.string(),
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

const StockBody = z
  .object({
    productId: z.string(),
    sku: z.string(),
    title: z.string(),
    quantity: z.int().nullable().describe('Null: not counted, always to be had'),
    countedAt: Time.nullable(),
  })
  .meta({ id: 'StockLine' });

const DeliveryBody = z
  .object({
    fee: z.number().nullable().describe('Null: the shop has no delivery settings'),
    freeFrom: z.number().nullable(),
    changedAt: Time.nullable(),
    changedBy: z.string().nullable(),
  })
  .meta({ id: 'DeliverySettings' });

/** A page that is full may have another behind it. */
const pageOf = <T>(rows: readonly T[], limit: number, idOf: (row: T) => string) => ({
  next: rows.length === limit ? (rows.map(idOf).at(-1) ?? null) : null,
});

export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole('operator');

    app.get('/admin/orders', {
      onRequest,
      schema: {
        operationId: 'listOrders',
        summary: 'Orders, newest first',
        tags: tags.orders,
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
        return { items: orders.map(toOrderBody), ...pageOf(orders, query.limit, ({ id }) => id) };
      },
    });

    app.get('/admin/orders/:orderId', {
      onRequest,
      schema: {
        operationId: 'getOrder',
        summary: 'An order and what happened to it',
        tags: tags.orders,
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
        tags: tags.orders,
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

    app.get('/admin/stock', {
      onRequest,
      schema: {
        operationId: 'listStock',
        summary: 'Products and how many are left',
        tags: tags.stock,
        querystring: z.strictObject({
          q: text({ min: 1, max: 100 }).optional().describe('Part of a SKU or title'),
          counted: z.enum(['true', 'false']).optional(),
          atMost: wholeNumber({ min: 0, max: 1_000_000_000 }).optional().describe('At most so many left'),
          after: ObjectId.optional().describe('`next` of the page before'),
          limit: Limit,
        }),
        response: { 200: z.object({ items: z.array(StockBody), next: z.string().nullable() }) },
      },
      handler: async ({ query: { q, counted, atMost, after, limit } }) => {
        const lines = await listStock(deps.database, {
          q: q ?? null,
          counted: counted === undefined ? null : counted === 'true',
          atMost: atMost ?? null,
          after: after ?? '',
          limit,
        });
        return { items: lines.map(toStockBody), ...pageOf(lines, limit, ({ productId }) => productId) };
      },
    });

    app.put('/admin/stock/:productId', {
      onRequest,
      schema: {
        operationId: 'setStock',
        summary: 'Say how many of a product there are, or that it is not counted',
        tags: tags.stock,
        params: z.object({ productId: ObjectId }),
        body: z.strictObject({ quantity: z.int().min(0).max(1_000_000_000).nullable() }),
        response: { 204: z.undefined() },
      },
      handler: async ({ params: { productId }, body: { quantity } }, reply) => {
        await setCount(deps, { productId, quantity });
        return reply.code(204).send();
      },
    });

    await app.register(stockImport(deps));

    app.get('/admin/delivery-settings', {
      onRequest,
      schema: {
        operationId: 'getDeliverySettings',
        summary: 'What delivery costs',
        tags: tags.delivery,
        response: { 200: DeliveryBody },
      },
      handler: async () => toDeliveryBody(await getDelivery(deps.database), deps.currency),
    });

    app.put('/admin/delivery-settings', {
      onRequest,
      schema: {
        operationId: 'setDeliverySettings',
        summary: 'Set what delivery costs; a fee of null removes the settings',
        tags: tags.delivery,
        body: z
          .strictObject({ fee: Amount.nullable(), freeFrom: Amount.nullable().default(null) })
          .refine(({ fee, freeFrom }) => fee !== null || freeFrom === null, { path: ['freeFrom'] }),
        response: { 200: DeliveryBody },
      },
      handler: async (request) => {
        const { fee, freeFrom } = request.body;
        const { currency, database, clock } = deps;
        const state = {
          settings:
            fee === null ? null : { fee: toMinorUnits(fee, currency), freeFrom: minorOrNull(freeFrom, currency) },
          changedAt: clock(),
          changedBy: principalOf(request).customerId,
        };
        await saveDelivery(database, state);
        return toDeliveryBody(state, currency);
      },
    });
  };

/** Files are read by this route alone. */
const stockImport =
  (deps: Deps): Routes =>
  async (app) => {
    const readers = { 'text/csv': readCsv, 'application/x-ndjson': readJsonLines };
    for (const [type, read] of Object.entries(readers)) {
      app.addContentTypeParser(type, { parseAs: 'buffer' }, async (_request: unknown, bytes: Buffer) => {
        if (!isUtf8(bytes)) throw new AppError('import_malformed', 'The file is not UTF-8.');
        return read(bytes.toString());
      });
    }

    app.post('/admin/stock/import', {
      onRequest: app.requireRole('operator'),
      bodyLimit: 1024 * 1024,
      schema: {
        operationId: 'importStock',
        summary: 'Set many counts from a file: CSV with the columns sku and quantity, or JSON lines',
        tags: tags.stock,
        response: {
          200: z.object({
            counted: z.int(),
            rows: z.array(
              z.object({
                line: z.int(),
                sku: z.string().nullable(),
                outcome: z.enum(['counted', 'unknown_sku', 'repeated', 'malformed']),
                problem: z.string().nullable(),
              }),
            ),
          }),
        },
      },
      handler: async ({ body }) => {
        if (!Array.isArray(body))
          throw new AppError('unsupported_media_type', 'Send text/csv or application/x-ndjson.');
        const rows = await importCounts(deps, body);
        return { counted: rows.filter(({ outcome }) => outcome === 'counted').length, rows };
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

const toStockBody = ({ countedAt, ...line }: StockLine) => ({ ...line, countedAt: countedAt?.toISOString() ?? null });

const toDeliveryBody = ({ settings, changedAt, changedBy }: DeliveryState, currency: string) => ({
  fee: majorOrNull(settings?.fee ?? null, currency),
  freeFrom: majorOrNull(settings?.freeFrom ?? null, currency),
  changedAt: changedAt?.toISOString() ?? null,
  changedBy,
});

const majorOrNull = (amount: bigint | null, currency: string) =>
  amount === null ? null : toMajorUnits(amount, currency);
const minorOrNull = (amount: number | null, currency: string) =>
  amount === null ? null : toMinorUnits(amount, currency);
