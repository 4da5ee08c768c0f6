import { OrderStatus } from '@forecourt/contracts';
import { storefront, toE164, toMajorUnits, toMinorUnits } from '@forecourt/dialects';
import { principalOf, type Routes, text, wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { fingerprintOf } from '../idempotency/idempotency.ts';
import type { Order, OrderItem } from '../order/order.ts';
import { listOrdersOf, listOrdersOfBrowser } from '../order/store.ts';
import type { OrderRequest } from '../placement/placement.ts';
import { placeOrder } from '../placement/service.ts';
import { subscriptionRoutes } from './storefront/subscriptions.ts';

/** Major units; below 2^53 minor units in a currency of three decimals. */
const Amount = z.number().min(0).max(9_007_199_254_740);
const Phone = text({ min: 5, max: 32 });
const ClientId = text({ min: 1, max: 64 });
const OptionValue = z.union([z.string(), z.number()]);

const NewOrderItem = z.strictObject({
  productId: text({ min: 1, max: 64 }),
  sku: text({ min: 1, max: 128 }),
  quantity: z.int().min(1).max(10_000),
  price: Amount.describe('The unit price that the buyer saw'),
  title: text({ max: 500 }).optional(),
  options: z
    .record(text({ min: 1, max: 64 }), z.union([text({ max: 200 }), z.number()]))
    .refine((options) => Object.keys(options).length <= 20, { params: { rule: 'max_items', expected: 20 } })
    .optional(),
  manufacturerId: text({ max: 64 }).optional(),
  countryId: text({ max: 64 }).optional(),
  unit: text({ max: 64 }).optional(),
});

const NewOrder = z
  .strictObject({
    phone: Phone,
    clientId: ClientId,
    items: z.array(NewOrderItem).min(1).max(200),
    deliveryFee: Amount.optional(),
    name: text({ max: 120 }).optional(),
    comment: text({ max: 500, multiline: true }).optional(),
  })
  .meta({ id: 'NewOrder' });

const DiscountBody = z.object({
  discountId: z.string(),
  name: z.string(),
  type: z.enum(['percent', 'fixed']),
  value: z.number(),
  priceBefore: z.number(),
  priceAfter: z.number(),
});

const OrderItemBody = z
  .object({
    productId: z.string(),
    sku: z.string(),
    quantity: z.int(),
    price: z.number().describe('Final unit price, after discounts'),
    priceOriginal: z.number().optional().describe('Before discounts; present when they differ'),
    title: z.string(),
    options: z.record(z.string(), OptionValue),
    manufacturerId: z.string().optional(),
    countryId: z.string().optional(),
    unit: z.string().optional(),
    discountsApplied: z.array(DiscountBody).optional(),
  })
  .meta({ id: 'OrderItem' });

const OrderBody = z
  .object({
    _id: z.string(),
    phone: z.string(),
    clientId: z.string(),
    customerId: z.string().optional().describe('Absent on a guest order'),
    items: z.array(OrderItemBody),
    itemsTotal: z.number(),
    deliveryFee: z.number(),
    total: z.number(),
    status: OrderStatus,
    name: z.string().optional(),
    comment: z.string().optional(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Order' });

const PageQuery = z.strictObject({
  page: wholeNumber({ min: 1, max: 1_000_000 }).default(1),
  limit: wholeNumber({ min: 1, max: 100 }).default(20),
});
const historyLimit = 100;

/** A phone in a query whose plus was not escaped arrives with a space in its place. */
const PhoneInQuery = z.preprocess(
  (value) => (typeof value === 'string' ? value.replace(/^ (?=\d)/, '+') : value),
  Phone,
);

export const storefrontApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.post('/orders', {
      onRequest: app.optionalPrincipal,
      bodyLimit: 512 * 1024,
      schema: {
        operationId: 'placeOrder',
        summary: 'Place an order, as a guest or for the account',
        tags: ['Orders'],
        headers: z.object({ 'x-idempotency-key': text({ min: 1, max: 128 }).optional() }),
        body: NewOrder,
        response: { 201: OrderBody },
      },
      handler: async (request, reply) => {
        const key = request.headers['x-idempotency-key'];
        const { order, replayed } = await placeOrder(deps, {
          ...toOrderRequest(request.body, deps.currency),
          customerId: request.principal?.customerId ?? null,
          language: request.language,
          intention: key === undefined ? null : { key, fingerprint: fingerprintOf(request.body) },
        });
        if (replayed) reply.header('idempotent-replayed', 'true');
        return reply.code(201).send(toOrderBody(order));
      },
    });

    app.get('/orders/history', {
      schema: {
        operationId: 'listGuestOrders',
        summary: 'The newest orders of a phone and browser',
        tags: ['Orders'],
        querystring: z.strictObject({ phone: PhoneInQuery, clientId: ClientId }),
        response: { 200: z.array(OrderBody) },
      },
      handler: async ({ query: { phone, clientId } }) => {
        const browser = { phone: toE164(phone, storefront.defaultRegion), clientId, limit: historyLimit };
        return (await listOrdersOfBrowser(deps.database, browser)).map(toOrderBody);
      },
    });

    app.get('/me/orders', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'listMyOrders',
        summary: "The account's orders, newest first",
        tags: ['Orders'],
        querystring: PageQuery,
        response: {
          200: z.object({ items: z.array(OrderBody), page: z.int(), limit: z.int(), total: z.int() }),
        },
      },
      handler: async (request) => {
        const { items, total } = await listOrdersOf(deps.database, principalOf(request).customerId, request.query);
        return { items: items.map(toOrderBody), ...request.query, total };
      },
    });

    await subscriptionRoutes(deps)(app);
  };

function toOrderRequest(
  { phone, clientId, items, deliveryFee, name, comment }: z.output<typeof NewOrder>,
  currency: string,
): Pick<OrderRequest, 'phone' | 'clientId' | 'name' | 'comment' | 'lines' | 'deliveryFee'> {
  return {
    phone: toE164(phone, storefront.defaultRegion),
    clientId,
    name: name || null,
    comment: comment || null,
    deliveryFee: deliveryFee === undefined ? null : toMinorUnits(deliveryFee, currency),
    lines: items.map(({ productId, sku, quantity, price, options = {} }) => ({
      productId,
      sku,
      quantity,
      price: toMinorUnits(price, currency),
      options,
    })),
  };
}

function toOrderBody(order: Order): z.input<typeof OrderBody> {
  const { currency, customerId, name, comment } = order;
  return {
    _id: order.id,
    // Both are null once the customer was erased, whose last token may still be good for a second.
    phone: order.phone ?? '',
    clientId: order.clientId ?? '',
    ...(customerId !== null && { customerId }),
    items: order.items.map((item) => toItemBody(item, currency)),
    itemsTotal: toMajorUnits(order.itemsTotal, currency),
    deliveryFee: toMajorUnits(order.deliveryFee, currency),
    total: toMajorUnits(order.total, currency),
    status: order.status,
    ...(name !== null && { name }),
    ...(comment !== null && { comment }),
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
}

function toItemBody(item: OrderItem, currency: string): z.input<typeof OrderItemBody> {
  const { manufacturerId, countryId, unit, discountsApplied } = item;
  return {
    productId: item.productId,
    sku: item.sku,
    quantity: item.quantity,
    price: toMajorUnits(item.price, currency),
    ...(item.priceOriginal !== item.price && { priceOriginal: toMajorUnits(item.priceOriginal, currency) }),
    title: item.title,
    options: { ...item.options },
    ...(manufacturerId !== null && { manufacturerId }),
    ...(countryId !== null && { countryId }),
    ...(unit !== null && { unit }),
    ...(discountsApplied.length > 0 && {
      discountsApplied: discountsApplied.map((applied) => ({
        discountId: applied.discountId,
        name: applied.name,
        type: applied.type,
        value: discountValue(applied, currency),
        priceBefore: toMajorUnits(applied.priceBefore, currency),
        priceAfter: toMajorUnits(applied.priceAfter, currency),
      })),
    }),
  };
}

/** Percents as percents, amounts in major units. */
const discountValue = ({ percentHundredths, amount }: OrderItem['discountsApplied'][number], currency: string) =>
  percentHundredths === null ? toMajorUnits(amount ?? 0n, currency) : percentHundredths / 100;
