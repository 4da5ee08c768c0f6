import { randomUUID } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import type { Deps } from '../deps.ts';
import type { DueWork } from '../due-work.ts';
import { fingerprintOf } from '../idempotency/idempotency.ts';
import type { OrderRequest } from '../placement/placement.ts';
import { placeOrder } from '../placement/service.ts';
import { orderPackage } from '../subscription/service.ts';
import { changePending } from './changing.ts';
import { fulfilled, lapse, type PendingOrder, refuse } from './pending.ts';
import { findPending, handBack, takeDue } from './store.ts';

export const pendingWork = (deps: Deps): DueWork => ({
  name: 'pending orders',
  take: (wish) => takeDue(deps.database, wish),
  advance: (id) => advance(deps, id),
  handBack: (taken) => handBack(deps.database, taken),
});

/** Does what was confirmed, once, whoever dies over it; or notes that nobody confirmed it. */
export async function advance(deps: Deps, id: string): Promise<void> {
  const order = await findPending(deps.database, id);
  if (order?.status === 'pending') return void (await changePending(deps, id, lapse));
  if (order?.status !== 'confirmed') return;
  const refuseIt = (reason: string) => changePending(deps, id, (before, now) => refuse(before, reason, now));
  const { phone } = order;
  // Their customer was erased.
  if (phone === null) return void (await refuseIt('customer_not_found'));
  try {
    await (order.terms ? subscribe(deps, id) : place(deps, { ...order, phone }));
  } catch (error) {
    if (error instanceof AppError && isForGood(error)) return void (await refuseIt(error.code));
    await changePending(deps, id, (before) => ({ ...before, attempts: before.attempts + 1 }));
    throw error;
  }
}

/** Nobody answers now; all other refusals will be the same tomorrow. */
const isForGood = ({ category }: AppError): boolean => category !== 'unavailable' && category !== 'internal';

/** The subscription and the end of the order are one transaction. */
const subscribe = (deps: Deps, id: string): Promise<PendingOrder> =>
  changePending(deps, id, async (before, now, tx) => {
    const { status, terms, customerId } = before;
    if (status !== 'confirmed' || !terms) return before;
    const subscription = await orderPackage(tx, deps, { customerId, terms, pendingOrderId: id });
    return fulfilled(before, { subscriptionId: subscription.id }, now);
  });

/** By the existing placement, under a key: the same order again is the same one. It costs what was confirmed. */
async function place(deps: Deps, order: PendingOrder & { readonly phone: string }): Promise<void> {
  const { id, customerId, phone, language, productId, sku, price } = order;
  const request: OrderRequest = {
    customerId,
    phone,
    // Orders are shown to whoever knows phone and browser: this one nobody knows.
    clientId: randomUUID(),
    name: null,
    comment: null,
    language,
    lines: [{ productId, sku, quantity: 1, price, options: {} }],
    deliveryFee: null,
    intention: { key: `pending:${id}`, fingerprint: fingerprintOf({ id }) },
  };
  const placed = await placeOrder(deps, request);
  await changePending(deps, id, (before, now) =>
    before.status === 'confirmed' ? fulfilled(before, { orderId: placed.order.id }, now) : before,
  );
}
