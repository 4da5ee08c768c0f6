import { type Comparison, compare } from './compare.ts';
import { accountNames, loginFlows, refreshFlow, signedFlow } from './flows/account.ts';
import { browseFlows, browseNames } from './flows/browse.ts';
import { codeCheckFlow, codeNames, codeRequestFlow } from './flows/codes.ts';
import type { Flow, Places } from './flows/flow.ts';
import { ledgerFlows, ledgerNames } from './flows/ledger.ts';
import { orderFlows, orderNames } from './flows/order.ts';
import { shopChanging } from './flows/shop-changing.ts';
import { stationFlows, stationNames } from './flows/station.ts';
import { callFlows, clientFlow, subscriberNames, syncFlow } from './flows/subscriber.ts';
import { conditionsOf, loadAverageNow } from './machine.ts';
import type { Plan } from './plan.ts';
import { memoryMegabytes } from './processes.ts';
import { untilQuiet } from './quiet.ts';
import type { RunResult, Singles } from './report/results.ts';
import { accountsOf, signInAll } from './seed/accounts.ts';
import { seedCodes } from './seed/codes.ts';
import { seedCustomers } from './seed/customers.ts';
import { seedDevices } from './seed/devices.ts';
import { type SeededProduct, type SeededShop, seedProducts } from './seed/products.ts';
import { seedStations } from './seed/stations.ts';
import { partnerKey, seedSubscriptions } from './seed/subscriptions.ts';
import { seedWallets } from './seed/wallets.ts';
import { visitsOf } from './shop/visits.ts';
import { eventBacklog } from './singles/backlog.ts';
import { commitToApplied } from './singles/events.ts';
import { gatewayHop } from './singles/hop.ts';
import { importing } from './singles/import.ts';
import { loginFlood } from './singles/login-flood.ts';
import { devicesOnMap, lookingAtMap } from './singles/map.ts';
import { replenishing } from './singles/replenish.ts';
import { slowloris } from './singles/slowloris.ts';
import { startToFrame } from './singles/start-to-frame.ts';
import { stationsAtOnce } from './singles/stations.ts';
import { openStatementCounter, type StatementCounter } from './statements.ts';
import { type SystemUnderTest, startSystemUnderTest } from './system.ts';
import { openTill } from './till.ts';
import { startYardstick, type Yardstick } from './yardstick/start.ts';

export const singleNames = [
  'start',
  'memory',
  'hop',
  'events',
  'backlog',
  'flood',
  'slowloris',
  'replenish',
  'stations',
  'remote start',
  'map',
  'import',
] as const;
export const flowNames: readonly string[] = [
  ...browseNames,
  ...accountNames,
  ...codeNames,
  ...orderNames,
  ...ledgerNames,
  ...stationNames,
  ...subscriberNames,
];

export interface RunWish {
  plan: Plan;
  seed: number;
  isWanted(name: string): boolean;
  step(what: string): void;
}

/** Everything beside its yardstick, and the figures that have none. */
export async function run(wish: RunWish): Promise<RunResult> {
  const { plan, seed, isWanted, step } = wish;
  const loadAverage = loadAverageNow();
  const singles: Singles = {};
  const system = await startTwice(wish, singles);
  const stops: (() => Promise<void>)[] = [system.stop];
  try {
    const conditions = await conditionsOf(system, { plan: plan.name, seed, loadAverage });
    if (isWanted('memory')) {
      await untilQuiet(system.processes, 10_000);
      const memoryMb = memoryMegabytes(system.processes);
      if (memoryMb !== undefined) singles.memoryMb = memoryMb;
    }

    step(`${plan.products} products, by the import`);
    const shop = await seedProducts(system, { count: plan.products, seed });
    step(`imported in ${shop.importSeconds.toFixed(1)} s, known to orders ${shop.convergedSeconds.toFixed(1)} s later`);
    const { orders } = await seedCustomers(system, { customers: plan.customers, seed });
    const wallets = await seedWallets(system);
    const numbers = await seedSubscriptions(system);
    step(`${plan.customers} customers with ${orders} orders and ${wallets.length} wallets`);
    await measureSingles(wish, system, shop, wallets, singles);

    const yardstick = await startYardstick(system);
    stops.unshift(yardstick.stop);
    const counter = await openStatementCounter(system.superuserUrl);
    stops.unshift(counter.close);
    const comparisons = await compareFlows(wish, system, yardstick, counter, { ...shop, wallets, numbers });
    return {
      conditions,
      shop: { ...shop, products: plan.products, customers: plan.customers, orders },
      connections: plan.connections,
      comparisons,
      singles,
    };
  } finally {
    for (const stop of stops) await stop();
  }
}

/** The first start makes the data; the second finds them. Only one start when nobody asks how long it takes. */
async function startTwice({ isWanted, step }: RunWish, singles: Singles): Promise<SystemUnderTest> {
  step('starting a system of its own');
  const first = await startSystemUnderTest();
  if (!isWanted('start')) return first;
  await first.stop();
  step(`started with no data in ${first.startSeconds.toFixed(1)} s; again`);
  const second = await startSystemUnderTest({ keepData: true });
  singles.start = { coldSeconds: first.startSeconds, warmSeconds: second.startSeconds };
  return second;
}

async function measureSingles(
  { plan, seed, isWanted, step }: RunWish,
  system: SystemUnderTest,
  { products }: SeededShop,
  wallets: readonly string[],
  singles: Singles,
): Promise<void> {
  const visits = visitsOf(products, seed);
  if (isWanted('events')) {
    step('event: commit → applied');
    singles.events = await commitToApplied(system, products[0] as SeededProduct, plan.events);
  }
  if (isWanted('backlog')) {
    step('backlog of events');
    singles.backlog = await eventBacklog(system, plan.relayEvents);
  }
  if (isWanted('hop')) {
    step('gateway hop');
    singles.hop = await gatewayHop(system, visits.popularProduct(0), plan.hopSamples);
  }
  if (isWanted('flood')) {
    step(`${plan.flood.logins} logins at once`);
    singles.flood = await loginFlood(
      system.gatewayUrl,
      accountsOf(plan.flood.logins),
      visits.popularFilter,
      plan.flood,
    );
  }
  if (isWanted('slowloris')) {
    step(`${plan.attack.clients} slow clients`);
    singles.slowloris = await slowloris(system, visits, plan.attack);
  }
  if (isWanted('replenish')) {
    step(`${plan.replenishments} replenishments`);
    const { p50Ms, p99Ms, samples } = await replenishing(system, plan.replenishments);
    singles.replenish = { p50Ms, p99Ms, samples };
    step(`address to pay at: p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms`);
  }
  if (isWanted('stations')) {
    step(`${plan.stations.stations} stations`);
    singles.stations = await stationsAtOnce(system, wallets, plan.stations, step);
  }
  if (isWanted('remote start')) {
    step(`${plan.starts} starts`);
    singles.remoteStart = await startToFrame(system, plan.starts);
    const { frameP50Ms, frameP99Ms } = singles.remoteStart;
    step(`frame at the station: p50 ${frameP50Ms.toFixed(0)} ms, p99 ${frameP99Ms.toFixed(0)} ms`);
  }
  if (isWanted('map')) {
    step(`looks at a map of ${devicesOnMap} devices`);
    singles.map = await lookingAtMap(system, plan.hopSamples);
  }
  if (isWanted('import')) {
    step('an import that changes every product');
    singles.import = await importing(system, products);
  }
}

interface Seeded extends SeededShop {
  wallets: readonly string[];
  numbers: ReadonlyMap<string, string>;
}

async function compareFlows(
  wish: RunWish,
  system: SystemUnderTest,
  yardstick: Yardstick,
  counter: StatementCounter,
  { products, wallets, numbers }: Seeded,
): Promise<Comparison[]> {
  const { plan, seed, isWanted, step } = wish;
  const places: Places = { yardstick: yardstick.place, ours: system.place };
  const comparisons: Comparison[] = [];
  const compareAll = async (flows: readonly Flow[]) => {
    for (const flow of flows.filter(({ name }) => isWanted(name))) {
      step(flow.name);
      comparisons.push(await compare(flow, plan, counter));
    }
  };

  await compareAll(
    browseFlows(places, visitsOf(products, seed), shopChanging(system, products.at(-1) as SeededProduct)),
  );
  if (ledgerNames.some(isWanted)) {
    const till = await openTill(system);
    await compareAll(ledgerFlows(places, till, wallets)).finally(till.close);
  }
  if (stationNames.some(isWanted)) {
    const { connections } = plan;
    await seedStations(system, { stations: connections, cardholders: wallets.slice(0, connections) });
    const { flows, close } = await stationFlows(places, { chargingUrl: system.charging.url, connections });
    await compareAll(flows).finally(close);
  }
  if (isWanted('products in step')) await compareAll([syncFlow(places, await partnerKey(system))]);
  await compareAll(await callFlows(places));
  if (![...accountNames, ...codeNames, ...orderNames, 'client'].some(isWanted)) return comparisons;
  const accounts = accountsOf(plan.accounts);
  // Now and not earlier: an access token lasts a quarter of an hour.
  const signedIn = await signInAll(system, accounts);
  const tokens = {
    yardstick: yardstick.refreshTokens,
    ours: signedIn.slice(0, plan.connections).map(({ refreshToken }) => refreshToken),
  };
  await compareAll([
    ...loginFlows(places, accounts),
    refreshFlow(places, tokens),
    ...(isWanted('signed request') ? [signedFlow(places, await seedDevices(system, plan.accounts))] : []),
    clientFlow(places, signedIn, numbers),
    codeRequestFlow(places),
    ...(isWanted('code check') ? [codeCheckFlow(places, await seedCodes(system))] : []),
    ...orderFlows(places, products, signedIn, seed),
  ]);
  return comparisons;
}
