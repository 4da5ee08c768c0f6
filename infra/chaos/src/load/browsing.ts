import type { OperationKind } from '../history.ts';
import { type Crowd, patienceMs } from './crowd.ts';

const look = async (crowd: Crowd, kind: OperationKind, path: string, productId?: string): Promise<void> => {
  const about = productId === undefined ? {} : { productId };
  await crowd.client.call({ kind, method: 'GET', path, about, timeoutMs: patienceMs(crowd) });
};

export const browse = (crowd: Crowd): Promise<void> =>
  look(crowd, 'browse', `/products?limit=10&page=${1 + crowd.random.below(4)}`);

export const search = (crowd: Crowd): Promise<void> =>
  look(crowd, 'search', `/products?q=${encodeURIComponent(crowd.random.pick(['товар', 'product', 'тавар']))}`);

export const readProduct = (crowd: Crowd): Promise<void> => {
  const { id } = crowd.random.pick(crowd.products);
  return look(crowd, 'read-product', `/products/${id}`, id);
};
