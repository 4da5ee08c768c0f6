import type { Comparison, Figures } from '../compare.ts';
import type { Singles } from './results.ts';

/** One of the numbers to hold, and what was measured for it. */
export interface Goal {
  what: string;
  goal: string;
  measured: string;
  held: boolean;
}

/** The best that a peer does on this kind of machine, as measured for the design: Vendure 3.7 with 600 products. */
const bestPeerOrdersPerSecond = 8.4;

/** What catalog may add while it imports: a batch and its garbage, however long the file is. */
const mostImportMb = 150;

const times = (value: number) => `${value.toFixed(2)} ×`;

/** The numbers to hold, those of them for which something was measured. */
export function judge(comparisons: readonly Comparison[], singles: Singles): Goal[] {
  const flows = new Map(comparisons.map((comparison) => [comparison.flow, comparison]));
  const goals: Goal[] = [];
  const atLeast = (flow: string, least: number) => {
    const rate = flows.get(flow)?.rate;
    if (rate) add(`${flow}: requests/s`, `${times(least)} yardstick`, times(rate.value), rate.value >= least);
  };
  const cpu = (flow: string, most: number) => {
    const ratio = cpuRatio(flows.get(flow));
    if (ratio !== undefined)
      add(`${flow}: CPU a request, all processes`, `at most ${times(most)} yardstick`, times(ratio), ratio <= most);
  };
  const add = (what: string, goal: string, measured: string, held: boolean) =>
    goals.push({ what, goal, measured, held });

  for (const flow of ['list', 'filtered list, popular', 'filtered list, rare', ...details]) {
    atLeast(flow, 1);
    cpu(flow, 1);
  }
  atLeast('search', 0.5);
  atLeast('search, typo', 0.5);
  const [search, typo] = [flows.get('search'), flows.get('search, typo')];
  if (search && typo) {
    const dearer = costOf(typo.ours) / costOf(search.ours);
    add('a search with a typo beside a plain one, neither kept', 'at most 3.00 ×', times(dearer), dearer <= 3);
  }
  cpu('guest order', 5);
  const orders = flows.get('guest order');
  if (orders) {
    const ratio = orders.ours.perSecond / bestPeerOrdersPerSecond;
    add(
      `orders/s beside the best peer (${bestPeerOrdersPerSecond}/s)`,
      'over 100 ×',
      `${ratio.toFixed(0)} ×`,
      ratio > 100,
    );
  }
  const charges = flows.get('ledger, charge');
  if (charges) {
    const { perSecond } = charges.ours;
    add('ledger: transfers/s, distinct wallets', '2,000/s', `${perSecond.toFixed(0)}/s`, perSecond >= 2000);
  }
  const login = flows.get('login');
  if (login)
    add('login beside the hash alone', 'within 1.20 ×', times(1 / login.rate.value), 1 / login.rate.value <= 1.2);

  const { hop, events, backlog, flood, slowloris, start, memoryMb, map, stations, import: imported } = singles;
  if (hop) add('gateway hop, p50 added', 'under 0.30 ms', `${hop.addedMs.toFixed(2)} ms`, hop.addedMs < 0.3);
  if (events) {
    const measured = `${events.p99Ms.toFixed(0)} ms (p50 ${events.p50Ms.toFixed(0)}, n ${events.samples})`;
    add('event: commit → applied, p99', 'under 250 ms', measured, events.p99Ms < 250);
  }
  if (backlog) {
    const { relayedPerSecond } = backlog;
    add('relay', '5,000 events/s', `${relayedPerSecond.toFixed(0)} events/s`, relayedPerSecond >= 5000);
  }
  if (flood)
    add('GET /products while 200 sign in, p99', 'below 3.00 × its quiet value', times(flood.times), flood.times < 3);
  if (slowloris) {
    const { times: slower, clients } = slowloris;
    add(
      `p99 of others beside ${clients} slow clients`,
      'below 2.00 × its quiet value',
      times(slower.value),
      slower.value < 2,
    );
  }
  if (stations) {
    const { stations: count, memoryMb: memory, meters, storm } = stations;
    const { perSecond, p99Ms, p50Ms } = meters;
    if (memory) {
      const most = Math.max(...memory.bySlice, memory.held, storm.memoryMb?.held ?? 0);
      add(`${count} stations at one process, resident`, 'under 400 MB', `${most.toFixed(0)} MB`, most < 400);
    }
    add(
      `${perSecond} meter values/s, stored, p99`,
      'under 100 ms',
      `${p99Ms.toFixed(0)} ms (p50 ${p50Ms.toFixed(0)})`,
      p99Ms < 100,
    );
  }
  if (map) {
    const slowest = Math.max(...map.map(({ p50Ms }) => p50Ms));
    add('a look at the map, 100,000 devices, p50 of any box', 'under 5 ms', `${slowest.toFixed(1)} ms`, slowest < 5);
  }
  if (imported) {
    const { rows, changedSeconds, memoryMb: memory } = imported;
    add(`import of ${rows} rows`, 'under 30 s', `${changedSeconds.toFixed(1)} s`, changedSeconds < 30);
    if (memory) {
      const grown = memory.most - memory.before;
      add(
        `import of ${rows} rows, memory added`,
        `under ${mostImportMb} MB`,
        `${grown.toFixed(0)} MB`,
        grown < mostImportMb,
      );
    }
  }
  if (memoryMb !== undefined)
    add('memory, idle, all processes', 'under 800 MB', `${memoryMb.toFixed(0)} MB`, memoryMb < 800);
  if (start) add('start, second time', 'under 15 s', `${start.warmSeconds.toFixed(1)} s`, start.warmSeconds < 15);
  return goals;
}

const details = ['detail, popular', 'detail, any', 'detail, any, shop changing'];

/** Of a question that was really asked: words come again more often than slips do, and what is kept costs next to nothing. */
const costOf = ({ cpuMsPerRequest, p50Ms, keptShare = 0 }: Figures) =>
  cpuMsPerRequest === undefined ? p50Ms : cpuMsPerRequest / (1 - Math.min(keptShare, 0.99));

export function cpuRatio(comparison: Comparison | undefined): number | undefined {
  const [ours, theirs] = [comparison?.ours.cpuMsPerRequest, comparison?.yardstick.cpuMsPerRequest];
  return ours === undefined || !theirs ? undefined : ours / theirs;
}
