export type CheckName =
  | 'orders'
  | 'stock'
  | 'idempotency'
  | 'events'
  | 'projections'
  | 'sessions'
  | 'availability'
  | 'settled';

/** What a check says after looking at everything that a run left behind. */
export interface Verdict {
  readonly name: CheckName;
  /** What must hold, as a sentence. */
  readonly promise: string;
  /** How many of each kind of thing were looked at. */
  readonly looked: Readonly<Record<string, number>>;
  /** Kinds of which there was none to look at: a check that saw nothing proves nothing. */
  readonly blindTo: readonly string[];
  /** Sentences, at most so many as are worth reading. */
  readonly violations: readonly string[];
  /** All of them, those that are not spelt out as well. */
  readonly violationCount: number;
}

const worthReading = 20;

/** Counts what a check looks at, and collects what it finds wrong. */
export interface Tally<Kind extends string> {
  saw(kind: Kind, howMany?: number): void;
  /** The text is only made when it will be read. */
  violation(text: () => string): void;
  /** Something that must hold of a thing of this kind. */
  demand(kind: Kind, holds: boolean, otherwise: () => string): void;
  verdict(): Verdict;
}

/** Of kinds named in `optional` there may be none. */
export function tally<Kind extends string>(
  name: CheckName,
  promise: string,
  kinds: readonly Kind[],
  optional: readonly Kind[] = [],
): Tally<Kind> {
  const looked = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  const violations: string[] = [];
  let violationCount = 0;
  const violation = (text: () => string) => {
    violationCount += 1;
    if (violations.length < worthReading) violations.push(text());
  };
  return {
    saw: (kind, howMany = 1) => {
      looked[kind] += howMany;
    },
    violation,
    demand: (kind, holds, otherwise) => {
      looked[kind] += 1;
      if (!holds) violation(otherwise);
    },
    verdict: () => ({
      name,
      promise,
      looked,
      blindTo: kinds.filter((kind) => looked[kind] === 0 && !optional.includes(kind)),
      violations,
      violationCount,
    }),
  };
}
