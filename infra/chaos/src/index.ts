import type { Verdict } from './evidence.ts';
import type { History } from './history.ts';
import type { FaultKind } from './nemesis/kind.ts';

export interface RunOptions {
  /** Of load and faults; the rest comes on top. */
  seconds: number;
  seed: number;
  /** Operations a second. */
  rate?: number;
  /** Only these checks; all unless told. */
  only?: readonly string[];
  /** Name of a saboteur. */
  sabotage?: string;
  /** Where the system, the history and the report go; deleted and made anew. */
  directory: string;
  say?(text: string): void;
}

export interface CheckResult extends Verdict {
  readonly name: string;
  readonly what: string;
}

export interface RunResult {
  readonly seed: number;
  readonly history: History;
  readonly checks: readonly CheckResult[];
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Each begins with the name of its check. */
  readonly violations: readonly string[];
}
