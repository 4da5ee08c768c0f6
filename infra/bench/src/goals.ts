import type { Comparison, Figures } from './measure.ts';
import type { Goal } from './report.ts';

export interface Single {
  hopMs: number;
  /** From the commit of a change to the commit of the consumer that applies it. */
  eventMs: { p50: number; p99: number; samples: number };
  loginRatio: number;
  memoryMb: number | undefined;
}

/** The best that a peer does on this kind of machine, as measured for the design: Vendure 3.7 with 600 products. */
const bestPeerOrdersPerSecond = 8.4;

const times = (value: number) => `${value.toFixed(2)} ×`;

/** DESIGN's "Numbers to hold", those that this bench measures. */
export function judge(comparisons: readonly Comparison[], single: Single): Goal[] {
  const of = (name: string): Comparison => {
    const found = comparisons.find(({ flow }) => flow === name);
    if (!found) throw new Error(`no flow ${name}`);
    return found;
  };
  const rate = (name: string, atLeast: number): Goal => {
    const { ours, yardstick } = of(name);
    const measured = ours.perSecond / yardstick.perSecond;
    return {
      what: `${name}: requests/s`,
      goal: `${times(atLeast)} yardstick`,
      measured: times(measured),
      held: measured >= atLeast,
    };
  };
  const cpu = (name: string, atMost: number): Goal => {
    const measured = cpuRatio(of(name));
    return {
      what: `${name}: CPU per request, all processes`,
      goal: `at most ${times(atMost)} yardstick`,
      measured: measured === undefined ? 'no /proc' : times(measured),
      held: measured === undefined ? undefined : measured <= atMost,
    };
  };
  const typo = cost(of('search, typo').ours) / cost(of('search').ours);
  const orders = of('order').ours.perSecond;
  return [
    rate('list', 1),
    cpu('list', 1),
    rate('detail', 1),
    cpu('detail', 1),
    rate('search', 0.5),
    rate('search, typo', 0.5),
    { what: 'a typo beside a plain search', goal: 'at most 3.00 ×', measured: times(typo), held: typo <= 3 },
    cpu('order', 5),
    {
      what: 'orders/s beside the best peer (8.4/s)',
      goal: 'over 100 ×',
      measured: `${(orders / bestPeerOrdersPerSecond).toFixed(0)} ×`,
      held: orders > 100 * bestPeerOrdersPerSecond,
    },
    {
      what: 'login beside the hash alone',
      goal: 'within 1.20 ×',
      measured: times(single.loginRatio),
      held: single.loginRatio <= 1.2,
    },
    {
      what: 'gateway hop, p50 added',
      goal: 'under 0.30 ms',
      measured: `${single.hopMs.toFixed(2)} ms`,
      held: single.hopMs < 0.3,
    },
    {
      what: 'event: commit → applied, p99',
      goal: 'under 250 ms',
      measured: `${single.eventMs.p99.toFixed(0)} ms (p50 ${single.eventMs.p50.toFixed(0)}, n ${single.eventMs.samples})`,
      held: single.eventMs.p99 < 250,
    },
    {
      what: 'memory, idle, all processes',
      goal: 'under 800 MB',
      measured: single.memoryMb === undefined ? 'no /proc' : `${single.memoryMb.toFixed(0)} MB`,
      held: single.memoryMb === undefined ? undefined : single.memoryMb < 800,
    },
  ];
}

const cost = (figures: Figures) => figures.cpuMsPerRequest ?? figures.p50Ms;
const cpuRatio = ({ ours, yardstick }: Comparison): number | undefined =>
  ours.cpuMsPerRequest === undefined || !yardstick.cpuMsPerRequest
    ? undefined
    : ours.cpuMsPerRequest / yardstick.cpuMsPerRequest;
