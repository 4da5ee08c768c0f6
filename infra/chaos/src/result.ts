import type { Verdict } from './evidence.ts';
import type { History } from './history.ts';
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

/** Writes that were acknowledged: what the bound is about. */
export const acknowledgedWrites = ({ operations }: History): number =>
  operations.filter(({ kind, outcome, replayed }) => outcome === 'ok' && !replayed && writes.has(kind)).length;

const writes = new Set(['register', 'login', 'refresh', 'logout', 'place', 'move', 'set-stock', 'change-product']);

/** With none lost among n, the true rate lies below this with 95 % confidence: the rule of three. */
export const boundOf = (n: number): number => 3 / n;
