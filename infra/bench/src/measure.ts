import { setTimeout as pause } from 'node:timers/promises';
import { generateLoad, type LoadRequest, percentile } from './load.ts';
import type { Plan } from './plan.ts';
import { cpuMilliseconds, type Root } from './processes.ts';

/** One side of a comparison: where the load goes, and whose processor time it costs. */
export interface Side {
  origin: string;
  processes: readonly Root[];
  request(n: number): LoadRequest;
}

export interface Flow {
  name: string;
  expectedStatus: number;
  yardstick: Side;
  ours: Side;
  connections?: number;
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
}

export interface Comparison {
  flow: string;
  yardstick: Figures;
  ours: Figures;
  failures: string[];
}

/** Takes turns, so that whatever else the machine does hits both sides alike. */
export async function compare(flow: Flow, plan: Plan): Promise<Comparison> {
  await untilQuiet([...flow.yardstick.processes, ...flow.ours.processes]);
  const yardstick = turns(flow.yardstick, flow, plan);
  const ours = turns(flow.ours, flow, plan);
  await yardstick.take({ warmingUp: true });
  await ours.take({ warmingUp: true });
  for (let round = 0; round < plan.rounds; round++) {
    await yardstick.take();
    await ours.take();
  }
  return {
    flow: flow.name,
    yardstick: yardstick.figures(),
    ours: ours.figures(),
    failures: [...yardstick.failures, ...ours.failures],
  };
}

function turns(side: Side, flow: Flow, plan: Plan) {
  const rates: number[] = [];
  const milliseconds: number[] = [];
  const failures: string[] = [];
  const cpuMs: Record<string, number> = {};
  let requests = 0;
  let n = 0;

  const take = async ({ warmingUp = false } = {}) => {
    const before = cpuMilliseconds(side.processes);
    const result = await generateLoad({
      origin: side.origin,
      connections: flow.connections ?? plan.connections,
      seconds: warmingUp ? plan.secondsPerTurn / 3 : plan.secondsPerTurn,
      maxRequests: plan.maxRequestsPerTurn,
      expectedStatus: flow.expectedStatus,
      request: () => side.request(n++),
    });
    await untilQuiet(side.processes);
    const after = cpuMilliseconds(side.processes);
    failures.push(...result.failures);
    if (warmingUp) return;
    rates.push(result.milliseconds.length / result.seconds);
    milliseconds.push(...result.milliseconds);
    requests += result.requests;
    for (const [name, used] of Object.entries(after ?? {}))
      cpuMs[name] = (cpuMs[name] ?? 0) + used - (before?.[name] ?? 0);
  };

  const figures = (): Figures => {
    const each = Object.entries(cpuMs).map(([name, used]): [string, number] => [name, used / Math.max(1, requests)]);
    return {
      requests,
      perSecond: percentile(rates, 0.5),
      p50Ms: percentile(milliseconds, 0.5),
      p99Ms: percentile(milliseconds, 0.99),
      ...(each.length > 0 && {
        cpuMsPerRequest: each.reduce((sum, [, used]) => sum + used, 0),
        cpuMsByProcess: Object.fromEntries(each),
      }),
    };
  };

  return { take, figures, failures };
}

/** Waits, a few seconds at most, until these processes have done what the last requests left behind. */
export async function untilQuiet(processes: readonly Root[], patienceMs = 4000): Promise<void> {
  const usedSoFar = () => Object.values(cpuMilliseconds(processes) ?? {}).reduce((sum, used) => sum + used, 0);
  const deadline = performance.now() + patienceMs;
  for (let before = usedSoFar(); performance.now() < deadline; ) {
    await pause(150);
    const now = usedSoFar();
    if (now - before <= 40) return;
    before = now;
  }
}

/** Alternates two single-connection requests and gives both medians: the hop is what lies between them. */
export async function medians(
  sides: readonly { origin: string; request: () => LoadRequest }[],
  samples: number,
): Promise<number[]> {
  const seen = sides.map(() => [] as number[]);
  const share = 25;
  for (let done = 0; done < samples; done += share) {
    for (const [index, { origin, request }] of sides.entries()) {
      const { milliseconds } = await generateLoad({
        origin,
        connections: 1,
        seconds: 5,
        maxRequests: share + 5,
        expectedStatus: 200,
        request,
      });
      seen[index]?.push(...milliseconds.slice(5));
    }
  }
  return seen.map((milliseconds) => percentile(milliseconds, 0.5));
}
