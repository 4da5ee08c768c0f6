import { parseArgs } from 'node:util';

export const parts = ['run', 'growth', 'scale', 'publish'] as const;
export type Part = (typeof parts)[number];

export interface Options {
  parts: readonly Part[];
  quick: boolean;
  seed: number;
  /** Flows and singles whose names begin like this; all of them when empty. */
  only: readonly string[];
}

export const usage = `npm run bench                       all flows beside the yardstick, and the single figures: about eighteen minutes
npm run bench -- --quick            the same in about four minutes, with less to believe
npm run bench -- --growth           reads at 1,000, 10,000 and 100,000 products and over 1 to 128 connections: about ten minutes
npm run bench -- --scale            1, 2 and 3 processes of orders and catalog: about six minutes
npm run bench -- --only detail,hop  flows and single figures (hop, events, backlog, flood, slowloris, replenish, map,
                                    stations, remote start, start, memory)
                                    whose names begin like this; nothing is kept for publishing
npm run bench -- --seed 7           other products, customers and visits (1 unless told)
npm run bench -- --publish          writes docs/performance.md and its charts from what was measured last; measures nothing`;

/** The command line as a wish, or what is wrong with it. */
export function readOptions(parameters: readonly string[], known: readonly string[]): Options | { wrong: string } {
  try {
    const { values } = parseArgs({
      args: [...parameters],
      options: {
        quick: { type: 'boolean', default: false },
        growth: { type: 'boolean', default: false },
        scale: { type: 'boolean', default: false },
        publish: { type: 'boolean', default: false },
        only: { type: 'string' },
        seed: { type: 'string', default: '1' },
      },
    });
    const only = wordsOf(values.only);
    const strange = only.find((word) => !known.some((name) => isMeant(name, word)));
    if (strange !== undefined) throw new Error(`nothing is called "${strange}"; there are: ${known.join(', ')}`);
    if (values.only !== undefined && only.length === 0) throw new Error('--only needs a name');
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error('--seed is a whole number');
    const extra = parts.filter((part) => part !== 'run' && values[part]);
    if (only.length > 0 && extra.length > 0) throw new Error(`--only does not go with --${extra[0]}`);
    return {
      parts: extra.length > 0 ? extra : ['run'],
      quick: values.quick,
      seed: Number(values.seed),
      only,
    };
  } catch (error) {
    return { wrong: (error as Error).message };
  }
}

const wordsOf = (list: string | undefined) =>
  (list ?? '').split(',').flatMap((word) => word.trim().toLowerCase() || []);

/** `detail` means all three of them. */
export const isMeant = (name: string, word: string): boolean => name.toLowerCase().startsWith(word);
