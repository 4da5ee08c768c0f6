import { findProduct, getProducts, type ProductSnapshot } from '@forecourt/contracts';
import { type Answering, answer, type Nats } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { snapshotOf } from './product.ts';
import { findProducts } from './store.ts';

export const answerGetProducts = (nats: Nats, deps: Deps): Answering =>
  answer(nats, getProducts, async ({ productIds }) => ({ products: await snapshotsOf(deps, productIds) }));

export const answerFindProduct = (nats: Nats, { db, currency }: Pick<Deps, 'db' | 'currency'>): Answering =>
  answer(nats, findProduct, async ({ number }) => {
    const [product] = await findProducts(db, { number: BigInt(number) });
    return { product: product ? snapshotOf(product, currency) : null };
  });

async function snapshotsOf(
  { db, currency }: Pick<Deps, 'db' | 'currency'>,
  productIds: string[],
): Promise<ProductSnapshot[]> {
  const products = await findProducts(db, { id: { in: productIds } });
  return products.map((product) => snapshotOf(product, currency));
}
