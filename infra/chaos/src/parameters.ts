import { parseArgs } from 'node:util';
import { saboteurs } from './sabotage/index.ts';

export interface Parameters {
  /** Undefined: not said, which is a minute; or, for a saboteur, just the scene that shows it up. */
  readonly seconds: number | undefined;
  readonly seed: number | undefined;
  readonly rate: number | undefined;
  /** How many with each victim; or all. */
  readonly crashes: number | 'all' | undefined;
  readonly sabotage: string | undefined;
  readonly help: boolean;
}

export const usage = `npm run chaos -- [--seconds 60] [--seed 7] [--rate 40] [--crashes 4 | all] [--sabotage NAME | list | all]

  --seconds   how long to load and break the system; 20 to 36000
  --seed      decides the schedule of faults; drawn and printed when it is not given
  --rate      arrivals a second, whether or not earlier ones were served; 1 to 500
  --crashes   then kill -9 charging, payments, broker and database at so many points in the life of a session,
              drawn by the seed; or at all of them, with stations of both versions, which takes a while
  --sabotage  break one mechanism on purpose: exits 0 when its check notices, 1 when it slips through;
              "list" names them, "all" runs one after the other. A few seconds each, in a scene that is made for
              it; with --seconds in a run of random faults, where it may take longer

Exits 0 when everything held, 1 on any violation, 2 on a mistake in these parameters.
Writes .local/chaos/report.html and .local/chaos/history.jsonl.`;

/** Throws an Error whose message is for whoever typed. */
export function readParameters(given: readonly string[]): Parameters {
  const { values } = parseArgs({
    args: [...given],
    options: {
      seconds: { type: 'string' },
      seed: { type: 'string' },
      rate: { type: 'string' },
      crashes: { type: 'string' },
      sabotage: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { sabotage, help } = values;
  if (sabotage !== undefined && !['list', 'all', ...saboteurs.map(({ name }) => name)].includes(sabotage)) {
    throw new Error(`--sabotage: there is no "${sabotage}"; "--sabotage list" names them`);
  }
  return {
    seconds: values.seconds === undefined ? undefined : whole('--seconds', values.seconds, 20, 36_000),
    seed: values.seed === undefined ? undefined : whole('--seed', values.seed, 0, 2 ** 32 - 1),
    rate: values.rate === undefined ? undefined : whole('--rate', values.rate, 1, 500),
    crashes:
      values.crashes === 'all' || values.crashes === undefined
        ? values.crashes
        : whole('--crashes', values.crashes, 1, 21),
    sabotage,
    help,
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name}: "${text}" is no whole number from ${least} to ${most}`);
}
