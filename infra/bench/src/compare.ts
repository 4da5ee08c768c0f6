import { repeatedly } from './background.ts';
import type { Flow, FlowSide } from './flows/flow.ts';
import { generateLoad, type LoadResult, repeatAct } from './load.ts';
import { cpuMilliseconds, memoryMegabytes } from './processes.ts';
import { untilQuiet } from './quiet.ts';
import type { StatementCounter } from './statements.ts';
import { median, percentile, type Ratio, ratioOf } from './statistics.ts';

/** How much load, and how often. */
export interface Effort {
  connections: number;
  rounds: number;
  secondsPerTurn: number;
  warmUpSeconds: number;
  countedSeconds: number;
  maxRequestsPerTurn: number;
}

export interface Figures {
  requests: number;
  /** The median turn's. */
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Of all processes together, with what they do after the answer: relaying, consuming. Undefined without /proc. */
  cpuMsPerRequest?: number;
  /** The same by process. */
  cpuMsByProcess?: Record<string, number>;
  /** Those of relays and consumers too. */
  statementsPerRequest?: number;
  /** Share of requests that the gateway answered by itself, of those that it may. */
  keptShare?: number;
}

export interface Comparison {
  flow: string;
  connections: number;
  yardstick: Figures;
  ours: Figures;
  /** Ours by theirs, of requests/s. */
  rate: Ratio;
  /** Of all our processes. */
  memoryMb?: { before: number; after: number };
  failures: string[];
}

/** Takes turns, so that whatever else the machine does hits both sides alike; who begins changes from round to round. */
export async function compare(flow: Flow, effort: Effort, counter?: StatementCounter): Promise<Comparison> {
  const sides = { yardstick: flow.yardstick.place, ours: flow.ours.place };
  await untilQuiet([...sides.yardstick.processes, ...sides.ours.processes]);
  const before = memoryMegabytes(sides.ours.processes);
  const yardstick = turns(flow.yardstick, flow, effort);
  const ours = turns(flow.ours, flow, effort);
  await yardstick.warmUp();
  await ours.warmUp();
  for (let round = 0; round < effort.rounds; round++) {
    for (const side of round % 2 === 0 ? [yardstick, ours] : [ours, yardstick]) await side.measure();
  }
  if (counter) for (const side of [yardstick, ours]) await side.count(counter);
  const after = memoryMegabytes(sides.ours.processes);
  return {
    flow: flow.name,
    connections: flow.connections ?? effort.connections,
    yardstick: yardstick.figures(),
    ours: ours.figures(),
    rate: ratioOf(ours.rates, yardstick.rates),
    ...(before !== undefined && after !== undefined && { memoryMb: { before, after } }),
    failures: [...yardstick.failures, ...ours.failures, ...((await flow.audit?.()) ?? [])],
  };
}

function turns({ place, visitors, background }: FlowSide, flow: Flow, effort: Effort) {
  const rates: number[] = [];
  const milliseconds: number[] = [];
  const failures: string[] = [];
  const cpuMs: Record<string, number> = {};
  let requests = 0;
  let behind = 0;
  let statementsPerRequest: number | undefined;
  let n = 0;

  const load = async (seconds: number): Promise<LoadResult> => {
    const stop = repeatedly(background);
    const amount = {
      connections: flow.connections ?? effort.connections,
      seconds,
      maxRequests: effort.maxRequestsPerTurn,
    };
    const result =
      typeof visitors === 'function'
        ? await repeatAct({ ...amount, act: (_, connection) => visitors(n++, connection) })
        : await generateLoad({
            ...amount,
            origin: place.origin,
            visitors: { ...visitors, request: (_, connection) => visitors.request(n++, connection) },
          });
    await stop();
    await untilQuiet(place.processes);
    failures.push(...result.failures);
    return result;
  };

  const measure = async (): Promise<void> => {
    const before = cpuMilliseconds(place.processes);
    const behindBefore = flow.mayBeKept ? await place.readsBehind?.() : undefined;
    const result = await load(effort.secondsPerTurn);
    for (const [name, used] of Object.entries(cpuMilliseconds(place.processes) ?? {}))
      cpuMs[name] = (cpuMs[name] ?? 0) + used - (before?.[name] ?? 0);
    if (behindBefore !== undefined) behind += ((await place.readsBehind?.()) ?? 0) - behindBefore;
    rates.push(result.milliseconds.length / result.seconds);
    milliseconds.push(...result.milliseconds);
    requests += result.requests;
  };

  const count = async (counter: StatementCounter): Promise<void> => {
    let counted = 0;
    const statements = await counter.during(place.database, async () => {
      counted = (await load(effort.countedSeconds)).requests;
    });
    statementsPerRequest = statements / Math.max(1, counted);
  };

  const figures = (): Figures => {
    const each = Object.entries(cpuMs).map(([name, used]): [string, number] => [name, used / Math.max(1, requests)]);
    return {
      requests,
      perSecond: median(rates),
      p50Ms: percentile(milliseconds, 0.5),
      p99Ms: percentile(milliseconds, 0.99),
      ...(each.length > 0 && {
        cpuMsPerRequest: each.reduce((sum, [, used]) => sum + used, 0),
        cpuMsByProcess: Object.fromEntries(each),
      }),
      ...(statementsPerRequest !== undefined && { statementsPerRequest }),
      ...(flow.mayBeKept && place.readsBehind && { keptShare: Math.max(0, 1 - behind / Math.max(1, requests)) }),
    };
  };

  return { warmUp: () => load(effort.warmUpSeconds), measure, count, figures, rates, failures };
}
