import type { Verdict } from './evidence.ts';
import type { History, OperationKind } from './history.ts';
import type { FaultMeasure } from './measure.ts';

export interface CheckResult extends Verdict {
  readonly name: string;
  readonly what: string;
}

export interface RunResult {
  readonly seed: number;
  readonly rate: number;
  readonly history: History;
  readonly checks: readonly CheckResult[];
  readonly faults: readonly FaultMeasure[];
  /** Each begins with the name of its check. */
  readonly violations: readonly string[];
  /** Arrivals that found too many before them. */
  readonly turnedAway: number;
  readonly sabotage?: string;
}

/** Writes that were acknowledged: what the bound is about. What came again under its key counts once. */
export function acknowledgedWrites({ operations }: History): number {
  const done = operations.filter(({ kind, outcome, replayed }) => outcome === 'ok' && !replayed && writes.has(kind));
  return new Set(done.map(({ id, kind, about: { key } }) => (key === undefined ? id : `${kind} ${key}`))).size;
}

const writes: ReadonlySet<OperationKind> = new Set([
  ...(['register', 'login', 'refresh', 'logout', 'place', 'move', 'set-stock', 'change-product'] as const),
  ...(['enter-code', 'replenish', 'charge', 'refund', 'hold', 'capture', 'release'] as const),
  ...(['start-charge', 'finish-charge', 'give-feedback'] as const),
]);

/** With none lost among n, the true rate lies below this with 95 % confidence: the rule of three. */
export const boundOf = (n: number): number => 3 / n;
