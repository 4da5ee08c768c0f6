import { parseArgs } from 'node:util';

export interface Parameters {
  readonly minutes: number;
  /** Undefined: drawn. */
  readonly seed: number | undefined;
  readonly only: RegExp | undefined;
  readonly workers: number;
  /** One item again, as a finding has printed it. */
  readonly again: { call: string; sort: string; path: string | undefined; runs: number } | undefined;
  readonly help: boolean;
}

export const usage = `npm run fuzz -- [--minutes 2] [--seed 7] [--only 'POST /orders'] [--workers 16]
npm run fuzz -- --call 'POST /orders' --sort pair --seed=-390650712 --path=3:0:1

  --minutes   how long; 0.5 to 1440
  --seed      decides what is sent; drawn and printed when it is not given. A negative one needs the "="
  --only      calls whose name this regular expression finds
  --workers   requests that are under way at once; 1 to 128
  --call …    one finding again, as it was printed, aloud; without --path its cases are all sent (--runs 10)

Exits 0 when nothing was found, 1 when something was, 2 on a mistake in these parameters.
Writes .local/fuzz/report.html and .local/fuzz/report.json.`;

/** Throws an Error whose message is for whoever typed. */
export function readParameters(given: readonly string[]): Parameters {
  const { values } = parseArgs({
    args: [...given],
    options: {
      minutes: { type: 'string', default: '2' },
      seed: { type: 'string' },
      only: { type: 'string' },
      workers: { type: 'string', default: '16' },
      call: { type: 'string' },
      sort: { type: 'string', default: 'valid' },
      path: { type: 'string' },
      runs: { type: 'string', default: '10' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { seed, only, call, sort, path, help } = values;
  return {
    minutes: numberIn('--minutes', values.minutes, 0.5, 1440),
    seed: seed === undefined ? undefined : whole('--seed', seed, -(2 ** 31), 2 ** 32 - 1),
    only: only === undefined ? undefined : new RegExp(only),
    workers: whole('--workers', values.workers, 1, 128),
    again: call === undefined ? undefined : { call, sort, path, runs: whole('--runs', values.runs, 1, 1_000_000) },
    help,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = numberIn(name, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new Error(`${name}: "${text}" is no whole number`);
}

function numberIn(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^-?\d+(\.\d+)?$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name}: "${text}" is no number from ${least} to ${most}`);
}
