import { gather } from '@forecourt/gather';
import type { SqlTx } from '@forecourt/messaging';
import { insertOrders, type Placing, readBases, type StoredBasis, type Wish } from './store.ts';

type Queries = Pick<SqlTx, '$queryRaw'>;

export type ReadBasis = (wish: Wish) => Promise<StoredBasis>;

/** Looks for orders that come at the same time share a statement, too. */
export const createBasisReader = (db: Queries): ReadBasis =>
  gather((wishes: readonly Wish[]) => readBases(db, wishes), { most: 32 });

/** False when it must be looked at anew: the prices moved on, somebody took the key, the number or the last pieces. */
export type StoreOrder = (placing: Placing) => Promise<boolean>;

type Outcome = PromiseSettledResult<boolean>;

/**
 * Orders that come at the same time share a statement and its commit, which cost most of what an order costs. A second
 * statement when the first takes its time, so that one that waits for a lock does not hold up every buyer.
 */
export function createOrderStore(db: Queries): StoreOrder {
  const store = gather((placings: readonly Placing[]) => storeAll(db, placings), {
    most: 32,
    atOnce: 2,
    furtherAfterMs: 25,
  });
  return async (placing) => {
    const outcome = await store(placing);
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  };
}

/** Orders of one product one after the other: a statement changes its row of the stock once. */
async function storeAll(db: Queries, placings: readonly Placing[]): Promise<Outcome[]> {
  const outcomes = new Map<Placing, Outcome>();
  for (let rest = placings; rest.length > 0; rest = rest.filter((placing) => !outcomes.has(placing))) {
    const part = withoutCommonProducts(rest);
    for (const [index, outcome] of (await storePart(db, part)).entries()) outcomes.set(part[index] as Placing, outcome);
  }
  return placings.map((placing) => outcomes.get(placing) as Outcome);
}

function withoutCommonProducts(placings: readonly Placing[]): Placing[] {
  const products = new Set<string>();
  return placings.filter(({ order: { items } }) => {
    const isApart = items.every(({ productId }) => !products.has(productId));
    for (const { productId } of items) products.add(productId);
    return isApart;
  });
}

/** What Postgres refuses of several is tried one by one: what fails fails alone. */
async function storePart(db: Queries, part: readonly Placing[]): Promise<Outcome[]> {
  if (part.length > 1) {
    try {
      return (await insertOrders(db, part)).map((value) => ({ status: 'fulfilled', value }));
    } catch (error) {
      // Anything else than a refusal may have come after the commit, and these orders may be stored.
      if (!('severity' in (error as Error))) throw error;
    }
  }
  return Promise.allSettled(part.map((placing) => storeAlone(db, placing)));
}

async function storeAlone(db: Queries, placing: Placing): Promise<boolean> {
  try {
    const [stored] = await insertOrders(db, [placing]);
    return stored === true;
  } catch (error) {
    if (isLostRace(error)) return false;
    throw error;
  }
}

const lostRaces = new Set(['stock_not_negative', 'orders_number_key']);

const isLostRace = (error: unknown) =>
  error instanceof Error && 'constraint' in error && lostRaces.has(String(error.constraint));
