import { randomUUID } from 'node:crypto';
import type { LoadRequest } from './load.ts';
import type { Flow, Side } from './measure.ts';
import type { SeededShop } from './seed.ts';
import { benchCategories, benchProduct, misspelt, searchWords } from './shop.ts';

const json = { 'content-type': 'application/json' };
const get = (path: string): LoadRequest => ({ method: 'GET', path });
/** Visits every one of `count` things once before the second time, but not in the order of an index. */
const spread = (n: number, count: number): number => (n * 7919) % count;

/** What a place under load is: an origin, and the processes that work for it. */
export type Place = Pick<Side, 'origin' | 'processes'>;

export function flowsOf(yardstick: Place, ours: Place, shop: SeededShop): Flow[] {
  const same = (request: (n: number) => LoadRequest) => ({
    expectedStatus: 200,
    yardstick: { ...yardstick, request },
    ours: { ...ours, request },
  });
  const search = (words: (n: number) => string) => same((n) => get(`/products?q=${encodeURIComponent(words(n))}`));
  const plainSearch = search(searchWords);

  return [
    {
      name: 'list',
      ...same((n) => get(`/products?category=${benchCategories[n % benchCategories.length]}&page=${1 + (n % 7)}`)),
    },
    { name: 'detail', ...same((n) => get(`/products/${benchProduct(spread(n, shop.products.length)).slug}`)) },
    { name: 'search', ...plainSearch },
    {
      name: 'search, typo',
      expectedStatus: 200,
      // The yardstick knows no typos: it searches for the word itself.
      yardstick: plainSearch.yardstick,
      ours: search(misspelt).ours,
    },
    {
      name: 'order',
      expectedStatus: 201,
      yardstick: { ...yardstick, request: order },
      ours: { ...ours, request: order },
    },
  ];

  function order(n: number): LoadRequest {
    const product = shop.products[spread(n, shop.products.length)];
    if (!product) throw new Error('nothing to order');
    const body = {
      phone: `+38067${String(n % 10_000_000).padStart(7, '0')}`,
      clientId: 'bench',
      items: [{ productId: product.id, sku: product.sku, quantity: 1, price: product.price }],
    };
    return {
      method: 'POST',
      path: '/orders',
      headers: { ...json, 'x-idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    };
  }
}

/** One at a time: identity hashes only so many at once on purpose, and what is compared is the work beside the hash. */
export function loginFlow(
  yardstick: Place,
  ours: Place,
  accounts: readonly { login: string; password: string }[],
): Flow {
  const login = (n: number): LoadRequest => ({
    method: 'POST',
    path: '/auth/login',
    headers: json,
    body: JSON.stringify({ ...accounts[n % accounts.length], clientId: 'bench' }),
  });
  return {
    name: 'login',
    expectedStatus: 201,
    connections: 1,
    yardstick: { ...yardstick, request: login },
    ours: { ...ours, request: login },
  };
}
