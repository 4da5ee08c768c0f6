import { setTimeout as pause } from 'node:timers/promises';
import type { Check, Evidence, Verdict } from '../evidence.ts';

export type CheckName =
  | 'orders'
  | 'stock'
  | 'ledger'
  | 'replenishments'
  | 'purchases'
  | 'subscriptions'
  | 'idempotency'
  | 'events'
  | 'projections'
  | 'sessions'
  | 'availability'
  | 'settled';

/** Counts what a check looks at, and collects what it finds wrong. */
export interface Tally<Kind extends string> {
  /** Something that must hold of a thing of this kind; the text is only made when it will be read. */
  demand(kind: Kind, holds: boolean, otherwise: () => string): void;
}

interface Definition<Material, Kind extends string> {
  readonly name: CheckName;
  readonly what: string;
  /** The kinds of things it looks at; it must see some of each, but for those in `optional`. */
  readonly kinds: readonly Kind[];
  readonly optional?: readonly Kind[];
  /** Of what must come true in the end: how long it may take yet, after the drain. */
  readonly patienceMs?: number;
  /** Everything that the judgement needs, and nothing that could still change. */
  gather(evidence: Evidence): Promise<Material>;
  judge(tally: Tally<Kind>, material: Material): void;
}

export interface InspectingCheck extends Check {
  readonly name: CheckName;
  /** What there is to say at this moment; `run` is patient. */
  inspect(evidence: Evidence): Promise<Verdict>;
}

/** A check whose judgement can be asked about made-up material, too. */
interface JudgingCheck<Material> extends InspectingCheck {
  judge(material: Material): Verdict;
}

const worthReading = 20;
const sawNothing = 'saw no ';

/** A check that did not see what it looks for proves nothing; but nor has anybody been caught by it. */
export const isBlindness = (violation: string): boolean => violation.startsWith(sawNothing);

export function defineCheck<Material, Kind extends string>(
  definition: Definition<Material, Kind>,
): JudgingCheck<Material> {
  const { name, what, kinds, optional = [], patienceMs = 0, gather } = definition;

  function judge(material: Material): Verdict {
    const looked = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
    const violations: string[] = [];
    let unread = 0;
    definition.judge(
      {
        demand(kind, holds, otherwise) {
          looked[kind] += 1;
          if (holds) return;
          if (violations.length < worthReading) violations.push(otherwise());
          else unread += 1;
        },
      },
      material,
    );
    if (unread > 0) violations.push(`and ${unread} more`);
    for (const kind of kinds) {
      if (looked[kind] === 0 && !optional.includes(kind)) violations.push(sawNothing + kind);
    }
    return { checked: kinds.reduce((sum, kind) => sum + looked[kind], 0), looked, violations };
  }

  const inspect = async (evidence: Evidence) => judge(await gather(evidence));

  async function run(evidence: Evidence): Promise<Verdict> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const verdict = await inspect(evidence);
      if (verdict.violations.every(isBlindness) || performance.now() >= deadline) return verdict;
      await pause(250);
    }
  }

  return { name, what, judge, inspect, run };
}
