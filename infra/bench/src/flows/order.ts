import { randomUUID } from 'node:crypto';
import type { Visitors } from '../load.ts';
import type { SignedIn } from '../seed/accounts.ts';
import type { SeededProduct } from '../seed/products.ts';
import { draw, randomOf } from '../shop/random.ts';
import { both, type Flow, type Places } from './flow.ts';

export const orderNames = ['order history', 'guest order', 'account order'] as const;

const linesOfAccountOrder = 3;

/** A guest takes one thing; who has an account fills a basket. Every order is a new intention with a key of its own. */
export function orderFlows(
  places: Places,
  products: readonly SeededProduct[],
  signedIn: readonly SignedIn[],
  seed: number,
): Flow[] {
  const basket = (name: string, n: number, lines: number) => {
    const random = randomOf(name, seed, n);
    return Array.from({ length: lines }, () => draw(products, random)).map(({ id, sku, price }) => ({
      productId: id,
      sku,
      quantity: 1,
      price: price / 100,
    }));
  };
  const place = (body: unknown, headers: Record<string, string> = {}) => ({
    method: 'POST' as const,
    path: '/orders',
    headers: { 'content-type': 'application/json', 'x-idempotency-key': randomUUID(), ...headers },
    body: JSON.stringify(body),
  });
  const account = (n: number) => signedIn[n % signedIn.length] as SignedIn;
  /** The yardstick verifies nobody: it is told who it is. */
  const whose = (n: number) => ({
    authorization: `Bearer ${account(n).accessToken}`,
    'x-customer': account(n).customerId,
  });

  const guestOrder: Visitors = {
    expectedStatus: 201,
    request: (n) =>
      place({
        phone: `+38067${String(n % 10_000_000).padStart(7, '0')}`,
        clientId: 'bench',
        items: basket('guest', n, 1),
      }),
  };
  const accountOrder: Visitors = {
    expectedStatus: 201,
    request: (n) =>
      place({ phone: account(n).phone, clientId: 'bench', items: basket('account', n, linesOfAccountOrder) }, whose(n)),
  };
  const history: Visitors = {
    expectedStatus: 200,
    request: (n) => ({
      method: 'GET',
      path: '/me/orders?limit=20',
      headers: whose(n),
    }),
  };
  return [
    // First, so that the histories are those of the seed and not of an order a second.
    { name: 'order history', ...both(places, history) },
    { name: 'guest order', ...both(places, guestOrder) },
    { name: 'account order', ...both(places, accountOrder) },
  ];
}
