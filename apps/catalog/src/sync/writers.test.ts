import { setImmediate as turn } from 'node:timers/promises';
import { createTestRuntime } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aProcessOf, type CatalogSystem } from '../../test/builders.ts';
import type { Deps } from '../deps.ts';
import { removeDiscount } from '../discount/service.ts';
import { importProducts } from '../import/service.ts';
import { changeProduct, createProduct, removeProduct } from '../product/service.ts';
import { noteStock } from '../stock/store.ts';
import { readChanges } from './service.ts';
import type { Position, SyncItem } from './sync.ts';

let one: CatalogSystem;
let other: CatalogSystem;
beforeAll(async () => {
  const runtime = await createTestRuntime('catalog');
  one = await aProcessOf(runtime);
  other = await aProcessOf(runtime);
});
afterAll(() => one.runtime.close());

const by = { actor: 'test', expectedVersion: undefined };
const writers = 20;
const rounds = 12;

/** Its transactions have their ids long before they have their locks, so that the order of commits is another one. */
const hesitant = (deps: Deps): Deps => ({
  ...deps,
  change: (work, options) =>
    deps.change(async (tx) => {
      await tx.$queryRaw`SELECT pg_current_xact_id()::text`;
      for (let turns = 0; turns < 20; turns += 1) await turn();
      return work(tx);
    }, options),
});

interface Copied {
  readonly version: number;
  readonly priceNow: bigint;
  readonly inStock: boolean;
  readonly active: boolean;
}

/** As a partner does it: the copy is what was said last, and what is said is looked at. */
class Follower {
  readonly copy = new Map<string, Copied>();
  readonly #deps: Deps;
  readonly #limit: number;
  #place: Position | undefined;
  #last: readonly [bigint, bigint] = [0n, 0n];
  readonly #versions = new Map<string, number>();

  constructor(deps: Deps, limit: number) {
    this.#deps = deps;
    this.#limit = limit;
  }

  /** Until it has seen everything that there is when `over` says so. */
  async run(over: () => boolean): Promise<void> {
    for (;;) {
      const isOver = over();
      const page = await readChanges(this.#deps, this.#place, this.#limit);
      for (const item of page.items) this.#take(item);
      this.#place = page.position;
      if (isOver && !page.more && !page.pending) return;
    }
  }

  #take({ type, position: { xid, seq }, product }: SyncItem): void {
    const [lastXid, lastSeq] = this.#last;
    if (xid < lastXid || (xid === lastXid && seq <= lastSeq)) throw new Error('a place was given twice, or went back');
    this.#last = [xid, seq];
    if (type === 'delete') {
      this.copy.delete(product.id);
      return;
    }
    const { id, version, priceNow, inStock, active } = product;
    if (version < (this.#versions.get(id) ?? 0)) throw new Error('a product went back');
    this.#versions.set(id, version);
    this.copy.set(id, { version, priceNow, inStock, active });
  }
}

test('twenty write in two processes, in every way there is, while five follow: each copy is the catalogue, nothing is said twice', async () => {
  const category = await one.aCategory({ slug: 'busy' });
  const products = await Promise.all(Array.from({ length: 15 }, () => one.aProduct({ categoryId: category.id })));
  const idAt = (number: number) => products[number % products.length]?.id ?? '';
  let stockVersion = 0;

  const write = async (writer: number) => {
    const system = writer % 2 === 0 ? one : other;
    const deps = writer % 3 === 0 ? hesitant(system.deps) : system.deps;
    for (let round = 0; round < rounds; round += 1) {
      const id = idAt(writer * 7 + round);
      switch ((writer + round) % 6) {
        case 0:
        case 1:
          // Of different sums, so that no change says what was so before.
          await changeProduct(deps, id, () => ({ price: BigInt(1_000_000 + writer * 1_000 + round) }), by);
          break;
        case 2: {
          const quantity = round % 2;
          stockVersion += 1;
          const now = deps.clock();
          const stock = { productId: id, version: stockVersion, quantity, inStock: quantity > 0, changedAt: now };
          await deps.transact((tx) => noteStock(tx, [stock], now));
          break;
        }
        case 3: {
          const discount = await system.aDiscount({
            scope: round % 2 === 0 ? 'everything' : 'product',
            targetId: round % 2 === 0 ? null : id,
            percentHundredths: 100 + writer,
          });
          await removeDiscount(deps, discount.id, by);
          break;
        }
        case 4: {
          const made = await createProduct(
            deps,
            { ...(await fieldsOf(id)), sku: `W-${writer}-${round}`, externalId: `p:${writer}:${round}` },
            'test',
          );
          if (round % 2 === 0) await removeProduct(deps, made.id, by);
          break;
        }
        default: {
          const rows = async function* () {
            for (let row = 0; row < 5; row += 1)
              yield { sku: `I-${writer}-${row}`, title_uk: 'Рядок', price: round + row, category: 'busy' };
          };
          const file = { rows, discard: async () => {} };
          for await (const _line of importProducts(deps, file, {
            dryRun: false,
            atomic: round % 2 === 0,
            actor: 'test',
          }));
        }
      }
    }
  };
  const fieldsOf = async (id: string) => {
    const found = products.find((product) => product.id === id) as (typeof products)[number];
    const { slug: _slug, number: _number, ...fields } = found;
    const { sku, title, description, price, unit, categoryId, manufacturerId, countryId } = fields;
    const { tags, images, options, active, externalId, package: terms } = fields;
    return {
      ...{ sku, title, description, price, unit, categoryId, manufacturerId, countryId },
      ...{ tags, images, options, active, externalId, package: terms },
    };
  };

  let isOver = false;
  const followers = [1, 2, 7, 50, 1_000].map((limit, index) => new Follower(index % 2 ? one.deps : other.deps, limit));
  const following = Promise.all(followers.map((follower) => follower.run(() => isOver)));
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  isOver = true;
  await following;

  const rows = await one.deps.db.product.findMany({ where: { removedAt: null } });
  const truth = new Map(
    rows.map(({ id, version, priceNow, inStock, active }) => [id, { version, priceNow, inStock, active }]),
  );
  for (const { copy } of followers) expect(copy).toEqual(truth);
  expect(rows.length).toBeGreaterThan(60);
}, 120_000);
