import type { Check } from './evidence.ts';
import type { Fault, History, Operation, OperationKind } from './history.ts';
import type { FaultKind } from './nemesis/kind.ts';

type Server = 'identity' | 'catalog' | 'orders' | 'charging' | 'payments' | 'qpay-sandbox';

/** Whose answer an operation needs. */
const servedBy: Readonly<Record<OperationKind, Server>> = {
  register: 'identity',
  login: 'identity',
  refresh: 'identity',
  whoami: 'identity',
  logout: 'identity',
  browse: 'catalog',
  search: 'catalog',
  'read-product': 'catalog',
  'change-product': 'catalog',
  place: 'orders',
  'list-orders': 'orders',
  'read-order': 'orders',
  move: 'orders',
  'set-stock': 'orders',
  'request-code': 'identity',
  'enter-code': 'identity',
  replenish: 'payments',
  'check-replenishment': 'payments',
  pay: 'qpay-sandbox',
  charge: 'payments',
  refund: 'payments',
  hold: 'payments',
  capture: 'payments',
  release: 'payments',
  'find-devices': 'charging',
  'start-charge': 'charging',
  'finish-charge': 'charging',
  'give-feedback': 'charging',
  'order-package': 'orders',
  'confirm-order': 'identity',
};

/** What goes over the broker to payments, and past the gateway. */
const asked: ReadonlySet<OperationKind> = new Set(['charge', 'refund', 'hold', 'capture', 'release']);
/** What needs the payment provider. */
const needsProvider: ReadonlySet<OperationKind> = new Set(['replenish', 'pay']);

/** `orders-2`, `orders → nats` and `gateway → orders-2` touch what orders serves; the gateway and the servers nearly all. */
export function dependsOn({ target }: Pick<Fault, 'target'>, kind: OperationKind): boolean {
  const [from = '', to] = target.split(' → ').map((name) => name.replace(/-\d+$/, ''));
  if (from === 'asker') return asked.has(kind);
  if (from === 'stations') return kind === 'start-charge';
  if (from === 'qpay-sandbox' || to === 'qpay-sandbox') return needsProvider.has(kind);
  const touched = from === 'gateway' && to !== undefined ? to : from;
  if (touched === 'gateway') return !asked.has(kind) && kind !== 'pay';
  if (kind === 'pay') return false;
  if (touched === 'payments' && kind === 'start-charge') return true;
  return touched === servedBy[kind] || touched === 'nats' || touched === 'postgres';
}

/** The fault's end → first success of what depends on it. Undefined while it lasts, and when nothing succeeded any more. */
export function recoveryOf(fault: Fault, operations: readonly Operation[]): number | undefined {
  const { to } = fault;
  if (to === undefined) return undefined;
  let first: number | undefined;
  for (const { kind, outcome, startedAt, endedAt } of operations) {
    if (outcome !== 'ok' || startedAt < to || !dependsOn(fault, kind)) continue;
    if (first === undefined || endedAt < first) first = endedAt;
  }
  return first;
}

/** What a process needs after a fault until it is its old self. */
const settleMs = 3000;

/** How much of the time between two instants nothing else was broken that the same operations depend on. */
export function calmMs(own: Fault, from: number, until: number, faults: readonly Fault[]): number {
  const others = faults
    .filter((fault) => fault.id !== own.id && fault.impossible === undefined && shareOperations(own, fault))
    .map((fault) => [fault.from, (fault.to ?? Number.POSITIVE_INFINITY) + settleMs] as const)
    .sort(([one], [other]) => one - other);
  let calm = 0;
  let at = from;
  for (const [begin, end] of others) {
    if (begin > at) calm += Math.max(0, Math.min(begin, until) - at);
    at = Math.max(at, end);
  }
  return calm + Math.max(0, until - at);
}

const shareOperations = (one: Fault, other: Fault) =>
  (Object.keys(servedBy) as OperationKind[]).some((kind) => dependsOn(one, kind) && dependsOn(other, kind));

/** `ok` is what a client wanted; `refused` is a clear no, also for now (503); `unknown` is everything else. */
export type Answered = 'ok' | 'refused' | 'unknown';

export function answered({ outcome, status }: Operation): Answered {
  if (outcome === 'ok') return 'ok';
  return outcome === 'fail' || status === 503 ? 'refused' : 'unknown';
}

export interface FaultMeasure {
  readonly kind: FaultKind;
  readonly count: number;
  /** Could not be done here. */
  readonly impossible: number;
  /** Why not, once. */
  readonly why?: string;
  /** Of operations that depend on the target and were begun while it was broken: the share that was served. */
  readonly available: number | undefined;
  readonly operations: number;
  /** Milliseconds from the damage to its repair. */
  readonly lastedMs: Spread | undefined;
  /** Milliseconds from the repair to the first success. */
  readonly recoveryMs: Spread | undefined;
}

interface Spread {
  readonly median: number;
  readonly worst: number;
}

export function measureFaults({ faults, operations }: History): FaultMeasure[] {
  const measures = [...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, all]) => {
    const real = all.filter(({ impossible }) => impossible === undefined);
    const during = new Set(real.flatMap((fault) => operations.filter((operation) => isDuring(fault, operation))));
    const served = [...during].filter(({ outcome, status }) => outcome !== 'unknown' && status !== 429).length;
    const recoveries = real.flatMap(({ to, recoveredAt }) =>
      to === undefined || recoveredAt === undefined ? [] : [recoveredAt - to],
    );
    const why = all.find(({ impossible }) => impossible !== undefined)?.impossible;
    return {
      kind,
      count: real.length,
      impossible: all.length - real.length,
      ...(why !== undefined && { why }),
      available: during.size === 0 ? undefined : served / during.size,
      operations: during.size,
      lastedMs: spreadOf(real.flatMap(({ from, to }) => (to === undefined ? [] : [to - from]))),
      recoveryMs: spreadOf(recoveries),
    };
  });
  return measures.sort((one, other) => other.count - one.count);
}

const isDuring = (fault: Fault, { kind, startedAt }: Operation) =>
  dependsOn(fault, kind) && startedAt >= fault.from && startedAt <= (fault.recoveredAt ?? fault.to ?? fault.from);

function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  return { median: percentile(values, 0.5), worst: Math.max(...values) };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `restless`: what was still under way long after the end. */
export const comesToRest = (restless: string | undefined): Check => ({
  name: 'comes-to-rest',
  what: 'when the faults are over, every outbox is published and every consumer has heard everything',
  run: async () => ({
    checked: 1,
    violations: restless === undefined ? [] : [`still waiting long after the end: ${restless}`],
  }),
});
