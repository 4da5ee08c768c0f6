import { orderPlaced } from '@forecourt/contracts';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { outboxRow } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { scopeOf } from '../idempotency/idempotency.ts';
import { catalogueBehind, learnDiscounts, learnOffers } from '../offer/service.ts';
import { asPlaced, type Order } from '../order/order.ts';
import { findOrder } from '../order/store.ts';
import { type Basis, type OrderRequest, type Priced, priceOrder } from './placement.ts';
import type { Earlier, StoredBasis } from './store.ts';

const tries = 10;

/**
 * Places an order: prices it from what is remembered, else from a look at the database, and stores it on the condition
 * that all it was priced from still holds; if not, it looks again. What the copy of the catalogue refuses is asked of
 * the catalogue once, since the copy may be behind.
 */
export async function placeOrder(deps: Deps, request: OrderRequest): Promise<{ order: Order; replayed: boolean }> {
  const { memory } = deps;
  const scope = scopeOf(request);
  const productIds = [...new Set(request.lines.map((line) => line.productId))];
  let caughtUp = false;

  for (let attempt = 0; attempt < tries; attempt += 1) {
    const remembered = attempt === 0 ? memory.recall(productIds) : null;
    const basis = remembered ?? (await deps.readBasis({ scope, key: request.intention?.key ?? null, productIds }));
    if (basis.earlier) return { order: await replay(deps, request, basis.earlier), replayed: true };

    const discounts = await discountsFor(deps, basis);
    if (!discounts) continue;

    const now = deps.clock();
    const priced = tryToPrice(request, { ...basis, discounts, currency: deps.currency }, now);
    if (priced instanceof AppError) {
      if (remembered) continue;
      if (caughtUp || !mayBeBehind.has(priced.code)) throw priced;
      caughtUp = await catchUp(deps, productIds, priced.code);
      // Whether or not the answer held news: an event may have brought them while we asked.
      if (caughtUp) continue;
      throw productIds.some((id) => !basis.offers.has(id)) ? catalogueBehind() : priced;
    }

    const order = newOrder(deps, request, priced, now);
    const placedEvent = outboxRow(orderPlaced, eventOf(order));
    if (await deps.storeOrder({ order, scope, intention: request.intention, basis, placedEvent })) {
      if (!remembered) memory.remember(basis);
      return { order, replayed: false };
    }
    memory.forget(productIds);
  }
  throw new AppError('overloaded', 'Prices and stock change too fast to order right now.', { retryAfterSeconds: 1 });
}

/** The same words again are answered as they were the first time, whatever became of the order since. */
async function replay({ database }: Deps, { customerId, intention }: OrderRequest, earlier: Earlier): Promise<Order> {
  if (!intention?.fingerprint.equals(earlier.fingerprint)) {
    throw new AppError('idempotency_key_reused', 'This idempotency key was used with another order.');
  }
  const order = await findOrder(database, earlier.orderId);
  if (!order) throw new Error(`order ${earlier.orderId} has a key but does not exist`);
  return asPlaced(order, customerId);
}

/** Null: look again. */
async function discountsFor(deps: Deps, { discountsKnown, termsVersion }: StoredBasis) {
  if (discountsKnown) return deps.discountsAt(termsVersion);
  if (!(await learnDiscounts(deps))) throw catalogueBehind();
  return null;
}

/** Refusals that a newer copy of a product could take back. */
const mayBeBehind: ReadonlySet<ErrorCode> = new Set([
  'product_not_found',
  'product_inactive',
  'option_unknown',
  'price_changed',
] satisfies ErrorCode[]);

/** False when the catalogue cannot be reached. */
const catchUp = async (deps: Deps, productIds: readonly string[], refusal: ErrorCode): Promise<boolean> =>
  (await learnOffers(deps, productIds)) && (refusal !== 'price_changed' || (await learnDiscounts(deps)));

function tryToPrice(request: OrderRequest, basis: Basis, now: Date): Priced | AppError {
  try {
    return priceOrder(request, basis, now);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function newOrder(deps: Deps, request: OrderRequest, priced: Priced, now: Date): Order {
  const { customerId, phone, clientId, name, comment, language } = request;
  return {
    id: newObjectId(now),
    number: deps.newOrderNumber(),
    version: 1,
    status: 'new',
    customerId,
    phone,
    clientId,
    name,
    comment,
    language,
    currency: deps.currency,
    ...priced,
    createdAt: now,
    updatedAt: now,
  };
}

const eventOf = ({ id, version, number, customerId, phone, language, total, currency, ...order }: Order) => ({
  orderId: id,
  version,
  number,
  customerId,
  phone,
  language,
  total,
  currency,
  items: order.items.map(({ productId, sku, title, quantity, price }) => ({ productId, sku, title, quantity, price })),
  deliveryFee: order.deliveryFee,
  placedAt: order.createdAt,
});
