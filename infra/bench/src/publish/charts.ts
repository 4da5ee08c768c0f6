import type { Comparison } from '../compare.ts';
import type { GrowthResult, RunResult, ScaleResult } from '../report/results.ts';
import { number, times } from '../report/table.ts';
import { dumbbells } from './dumbbells.ts';
import { type Panel, panels } from './panels.ts';
import { stacks } from './stacks.ts';
import type { Svg } from './svg.ts';

/** File names, and what is in them. */
export type Charts = Readonly<Record<string, Svg>>;

const parts = ['gateway', 'identity', 'catalog', 'orders', 'charging', 'payments', 'postgres', 'nats', 'yardstick'];

export const chartsOfRun = ({ comparisons, connections }: RunResult): Charts => ({
  'rates.svg': dumbbells({
    title: 'Requests per second',
    subtitle: `${connections} connections (logins fewer, ledger more); the yardstick is a bare Fastify handler with the simplest SQL, for stations a bare ws`,
    unit: 'requests/s',
    filled: 'Forecourt',
    hollow: 'yardstick',
    hollowColour: 'yardstick',
    note: 'ratio, the median round',
    rows: comparisons.map(({ flow, ours, yardstick, rate }) => ({
      name: flow,
      filled: ours.perSecond,
      hollow: yardstick.perSecond,
      note: times(rate.value),
    })),
  }),
  'latency.svg': dumbbells({
    title: 'Latency under full load',
    subtitle: `Forecourt, ${connections} connections (logins fewer, ledger more), each sending its next request at once`,
    unit: 'milliseconds',
    filled: 'p50',
    hollow: 'p99',
    hollowColour: 'ours',
    note: 'p50 … p99',
    rows: comparisons.map(({ flow, ours }) => ({
      name: flow,
      filled: ours.p50Ms,
      hollow: ours.p99Ms,
      note: `${number(ours.p50Ms, 1)} … ${number(ours.p99Ms, 1)}`,
    })),
  }),
  ...(comparisons.some(({ ours }) => ours.cpuMsByProcess) && {
    'cpu.svg': stacks({
      title: 'Processor time of one request, all processes together',
      subtitle: 'Above Forecourt, below its yardstick; relaying and consuming count. Login is left out: it is its hash',
      unit: 'CPU ms a request',
      parts,
      rows: comparisons
        .filter(({ flow }) => !flow.startsWith('login'))
        .map(({ flow, ours, yardstick }) => ({
          name: flow,
          ours: ours.cpuMsByProcess ?? {},
          yardstick: yardstick.cpuMsByProcess ?? {},
        })),
    }),
  }),
});

/** One panel a flow, with the values of all points. */
function panelsOf(
  points: readonly { comparisons: readonly Comparison[] }[],
  of: (side: Comparison['ours']) => number,
): Panel[] {
  return (points[0]?.comparisons ?? []).map(({ flow }) => {
    const same = points.map(({ comparisons }) => comparisons.find((one) => one.flow === flow) as Comparison);
    return {
      name: flow,
      ours: same.map(({ ours }) => of(ours)),
      yardstick: same.map(({ yardstick }) => of(yardstick)),
    };
  });
}

export function chartsOfGrowth({ points }: GrowthResult): Charts {
  const usual = points.filter(({ connections }) => connections === 32);
  const asked = points.filter(({ products }) => products === 10_000);
  const sizes = {
    below: 'products',
    places: usual.map(({ products }) => products.toLocaleString('en-US')),
    unit: 'requests/s',
  };
  const connections = { below: 'connections', places: asked.map((point) => String(point.connections)) };
  return {
    'growth-products.svg': panels({
      title: 'A shop that grows',
      subtitle: '32 connections',
      ...sizes,
      panels: panelsOf(usual, ({ perSecond }) => perSecond),
    }),
    'growth-connections.svg': panels({
      title: 'More and more connections: rates',
      subtitle: '10,000 products',
      ...connections,
      unit: 'requests/s',
      panels: panelsOf(asked, ({ perSecond }) => perSecond),
    }),
    'growth-latency.svg': panels({
      title: 'More and more connections: latency',
      subtitle: '10,000 products',
      ...connections,
      unit: 'p99 in ms',
      panels: panelsOf(asked, ({ p99Ms }) => p99Ms),
    }),
  };
}

export const chartsOfScale = ({ points, connections }: ScaleResult): Charts => ({
  'scale.svg': panels({
    title: 'One, two and three processes of orders and of catalog',
    subtitle: `${connections} connections, on the same cores`,
    below: 'processes',
    places: points.map(({ processes }) => String(processes)),
    unit: 'requests/s',
    panels: panelsOf(points, ({ perSecond }) => perSecond),
  }),
});
