import type { Check, Evidence, Verdict } from '../evidence.ts';

export type CheckName =
  | 'orders'
  | 'stock'
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
  /** Everything that the judgement needs, and nothing that could still change. */
  gather(evidence: Evidence): Promise<Material>;
  judge(tally: Tally<Kind>, material: Material): void;
}

/** A check whose judgement can be asked about made-up material, too. */
export interface JudgingCheck<Material> extends Check {
  readonly name: CheckName;
  gather(evidence: Evidence): Promise<Material>;
  judge(material: Material): Verdict;
}

const worthReading = 20;
const sawNothing = 'saw no ';

/** A check that did not see what it looks for proves nothing; but nor has anybody been caught by it. */
export const isBlindness = (violation: string): boolean => violation.startsWith(sawNothing);

export function defineCheck<Material, Kind extends string>(
  definition: Definition<Material, Kind>,
): JudgingCheck<Material> {
  const { name, what, kinds, optional = [], gather } = definition;

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

  return { name, what, gather, judge, run: async (evidence) => judge(await gather(evidence)) };
}
