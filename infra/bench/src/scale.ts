import { compare } from './compare.ts';
import { browseFlows } from './flows/browse.ts';
import type { Places } from './flows/flow.ts';
import { orderFlows } from './flows/order.ts';
import { shopChanging } from './flows/shop-changing.ts';
import { conditionsOf, loadAverageNow } from './machine.ts';
import type { ScalePoint, ScaleResult } from './report/results.ts';
import type { RunWish } from './run.ts';
import { accountsOf, signInAll } from './seed/accounts.ts';
import { seedCustomers } from './seed/customers.ts';
import { type SeededProduct, seedProducts } from './seed/products.ts';
import { visitsOf } from './shop/visits.ts';
import { type SystemUnderTest, startSystemUnderTest } from './system.ts';
import { startYardstick } from './yardstick/start.ts';

const counts = [1, 2, 3];
const measured = ['filtered list, rare', 'search', 'detail, any, shop changing', 'order history', 'guest order'];
const accounts = 16;

/** The same system with one, two and three processes of orders and of catalog, on the same data. */
export async function scale({ plan, seed, step }: Omit<RunWish, 'isWanted'>): Promise<ScaleResult> {
  // Processes that have just started need longer until their code is compiled.
  const effort = { ...plan, rounds: Math.min(3, plan.rounds), warmUpSeconds: 2 * plan.warmUpSeconds };
  const loadAverage = loadAverageNow();
  const points: ScalePoint[] = [];
  let products: SeededProduct[] = [];
  let system: SystemUnderTest | undefined;
  let conditions: ScaleResult['conditions'] | undefined;
  try {
    for (const processes of counts) {
      step(`${processes} of orders and of catalog`);
      system = await startSystemUnderTest({
        keepData: processes > 1,
        scale: { orders: processes, catalog: processes },
      });
      if (processes === 1) {
        conditions = await conditionsOf(system, { plan: plan.name, seed, loadAverage });
        ({ products } = await seedProducts(system, { count: plan.products, seed }));
        await seedCustomers(system, { customers: plan.customers, seed });
      }
      points.push({ processes, comparisons: await compareAll(system) });
      await system.stop();
      system = undefined;
    }
  } finally {
    await system?.stop();
  }
  if (!conditions) throw new Error('nothing was scaled');
  return { conditions, connections: plan.connections, points };

  async function compareAll(running: SystemUnderTest): Promise<ScalePoint['comparisons']> {
    const yardstick = await startYardstick(running);
    try {
      const places: Places = { yardstick: yardstick.place, ours: running.place };
      const signedIn = await signInAll(running, accountsOf(accounts));
      const flows = [
        ...browseFlows(places, visitsOf(products, seed), shopChanging(running, products[0] as SeededProduct)),
        ...orderFlows(places, products, signedIn, seed),
      ];
      const comparisons = [];
      for (const flow of flows.filter(({ name }) => measured.includes(name))) {
        step(flow.name);
        comparisons.push(await compare(flow, effort));
      }
      return comparisons;
    } finally {
      await yardstick.stop();
    }
  }
}
