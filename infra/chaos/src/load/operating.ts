import { type Crowd, patienceMs } from './crowd.ts';

const moves = ['processing', 'done', 'cancelled', 'cancelled'] as const;

/** Accepts, finishes or cancels an order; moves that its state does not allow are refused, and that is fine. */
export async function moveOrder(crowd: Crowd): Promise<void> {
  if (crowd.orders.length === 0) return;
  const orderId = crowd.random.pick(crowd.orders);
  const to = crowd.random.pick(moves);
  await crowd.client.call({
    kind: 'move',
    method: 'POST',
    path: `/admin/orders/${orderId}/move`,
    about: { orderId, to },
    body: { to },
    token: crowd.operatorToken,
    timeoutMs: patienceMs(crowd),
  });
}

export async function readOrder(crowd: Crowd): Promise<void> {
  if (crowd.orders.length === 0) return;
  const orderId = crowd.random.pick(crowd.orders);
  await crowd.client.call({
    kind: 'read-order',
    method: 'GET',
    path: `/admin/orders/${orderId}`,
    about: { orderId },
    token: crowd.operatorToken,
    timeoutMs: patienceMs(crowd),
  });
}

export async function recount(crowd: Crowd): Promise<void> {
  const { id: productId } = crowd.random.pick(crowd.products.filter(({ stock }) => stock === 'recounted'));
  const quantity = crowd.random.chance(0.3) ? 0 : crowd.random.below(60);
  await crowd.client.call({
    kind: 'set-stock',
    method: 'PUT',
    path: `/admin/stock/${productId}`,
    about: { productId, quantity },
    body: { quantity },
    token: crowd.operatorToken,
    timeoutMs: patienceMs(crowd),
  });
}

/** Prices go up and down; a buyer who still has the old one is told the new one. */
export async function reprice(crowd: Crowd): Promise<void> {
  const { id: productId, price: old } = crowd.random.pick(crowd.products.slice(0, repriced));
  const price = old + crowd.random.below(5);
  await crowd.client.call({
    kind: 'change-product',
    method: 'PATCH',
    path: `/admin/products/${productId}`,
    about: { productId, price },
    body: { price },
    token: crowd.operatorToken,
    timeoutMs: patienceMs(crowd),
  });
}

/** The others keep their price, so that most orders are placed. */
const repriced = 6;
