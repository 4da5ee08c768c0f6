import pg from 'pg';
import { compare, type Effort } from './compare.ts';
import { browseFlows } from './flows/browse.ts';
import type { Places } from './flows/flow.ts';
import { shopChanging } from './flows/shop-changing.ts';
import { conditionsOf, loadAverageNow } from './machine.ts';
import type { GrowthPoint, GrowthResult } from './report/results.ts';
import type { RunWish } from './run.ts';
import { type SeededProduct, seedProducts } from './seed/products.ts';
import { visitsOf } from './shop/visits.ts';
import { startSystemUnderTest } from './system.ts';
import { startYardstick } from './yardstick/start.ts';

const sizes = [1000, 10_000, 100_000];
const connectionCounts = [1, 8, 32, 128];
/** The shop that is asked over all these connections. */
const usualSize = 10_000;
const usualConnections = 32;
const reads = ['list', 'filtered list, rare', 'list with facets', 'search', 'search, typo', 'detail, any'];

/** The same reads in a shop that grows, and over more and more connections: where does it stop being fast? */
export async function growth({ plan, seed, step }: Omit<RunWish, 'isWanted'>): Promise<GrowthResult> {
  const effort = {
    ...plan,
    ...(plan.name === 'quick' ? { rounds: 1, secondsPerTurn: 0.5 } : { rounds: 3, secondsPerTurn: 1 }),
    warmUpSeconds: 0.5,
  };
  const loadAverage = loadAverageNow();
  step('starting a system of its own');
  const system = await startSystemUnderTest();
  const stops = [system.stop];
  const points: GrowthPoint[] = [];
  try {
    const conditions = await conditionsOf(system, { plan: plan.name, seed, loadAverage });
    let products: SeededProduct[] = [];
    const yardstick = await startYardstick(system);
    stops.unshift(yardstick.stop);
    const places: Places = { yardstick: yardstick.place, ours: system.place };

    for (const size of sizes) {
      step(`${size} products`);
      const shop = await seedProducts(system, { count: size, seed, known: products });
      products = shop.products;
      step(
        `imported in ${shop.importSeconds.toFixed(1)} s, known to orders ${shop.convergedSeconds.toFixed(1)} s later`,
      );
      await settle(system.superuserUrl);
      await yardstick.refill();
      for (const connections of size === usualSize ? connectionCounts : [usualConnections]) {
        step(`${size} products, ${connections} connections`);
        points.push(await measure({ ...effort, connections }, size));
      }
    }
    return { conditions, points };

    async function measure(given: Effort, size: number): Promise<GrowthPoint> {
      // Other visitors at each point: what the last ones asked for would still be kept.
      const visits = visitsOf(products, seed * 100 + points.length);
      const flows = browseFlows(places, visits, shopChanging(system, products[0] as SeededProduct));
      const comparisons = [];
      for (const flow of flows.filter(({ name }) => reads.includes(name))) comparisons.push(await compare(flow, given));
      return { products: size, connections: given.connections, comparisons };
    }
  } finally {
    for (const stop of stops) await stop();
  }
}

/** Autovacuum would come within a minute, in the middle of a turn. */
async function settle(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('VACUUM ANALYZE');
  await client.end();
}
