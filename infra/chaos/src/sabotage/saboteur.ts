import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { CheckName } from '../check/check.ts';
import type { FaultKind } from '../nemesis/kind.ts';

/** A piece of a source text, which must occur exactly once, and what a process reads in its place. */
export interface Edit {
  /** From the root of the repository. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** One mechanism, broken: in the text of the sources as a process loads them, or by a statement in its database. */
export interface Mischief {
  /** What no longer holds, as a sentence. */
  readonly breaks: string;
  readonly edits?: readonly Edit[];
  /** Run by the administrator once the system is up. */
  readonly sql?: string;
}

/** A mischief, and who must notice. */
export interface Sabotage extends Mischief {
  readonly caughtBy: CheckName;
  /** In a run of random faults: those that bring it to light. None: any load does. */
  readonly prefer?: readonly FaultKind[];
}

const root = new URL('../../../../', import.meta.url);

export const urlOf = (file: string): string => new URL(file, root).href;

/** Throws when the sources have moved on: a saboteur that does nothing proves nothing. */
export function sabotaged(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, from, to }) => {
    const [before, after, ...more] = text.split(from);
    if (before === undefined || after === undefined || more.length > 0) {
      const found = after === undefined ? 'does not occur' : `occurs ${more.length + 1} times`;
      throw new Error(`sabotage of ${file} does not fit: ${JSON.stringify(from)} ${found}`);
    }
    return before + to + after;
  }, source);
}

/** The files that a mischief changes, as they would be loaded. */
export function sabotagedFiles({ edits = [] }: Mischief): Map<string, string> {
  const byFile = Map.groupBy(edits, ({ file }) => file);
  return new Map(
    [...byFile].map(([file, own]) => {
      const url = urlOf(file);
      return [url, sabotaged(readFileSync(fileURLToPath(url), 'utf8'), own)];
    }),
  );
}
