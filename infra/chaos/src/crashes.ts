import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from './evidence.ts';

/** What a running service writes last when it ends by a mistake of its own, and not because somebody killed it. */
const lastWords = /"level":"fatal"/;

/** Once they run, that is: a start that finds no database may fail, and is tried again by whoever started it. */
export const staysUp = (logs: string): Check => ({
  name: 'stays-up',
  what: 'No process that runs ends but by the hand of the nemesis.',
  async run() {
    const files = (await readdir(logs)).filter((file) => file.endsWith('.log'));
    const texts = await Promise.all(
      files.map(async (file) => ({ file, text: await readFile(join(logs, file), 'utf8') })),
    );
    const lines = texts.flatMap(({ file, text }) => text.split('\n').map((line) => ({ file, line })));
    const crashes = lines.filter(({ line }) => lastWords.test(line));
    return {
      checked: lines.length,
      violations: crashes.slice(0, 20).map(({ file, line }) => `${file}: ${line.slice(0, 300)}`),
    };
  },
});

/** A point that nobody came by proves nothing. */
export const crashPointsReached = (count: number, missed: readonly string[]): Check => ({
  name: 'crash-points',
  what: 'Somebody died at every point in the life of a session that was to be tried.',
  run: async () => ({ checked: count, violations: missed }),
});
