import { join } from 'node:path';
import { type RunResult, runChaos, seeded, someCrashes } from '@forecourt/chaos';
import { beforeAll, describe, expect, test } from 'vitest';

/**
 * The schedule of faults is the same each time, so that a change that fails here failed by what it changed, and so that
 * every kind of fault is surely among them. Other seeds are for `npm run chaos`, which draws one unless it is told.
 */
const seed = 7;
/** Points in the life of a session at which somebody dies: other ones each day, all with `--crashes all`. */
const day = Math.floor(Date.now() / 86_400_000);
const crashes = someCrashes(seeded(day), 2);

let result: RunResult;
beforeAll(async () => {
  const directory = join(import.meta.dirname, '../../.local/test-chaos');
  result = await runChaos({ seconds: 60, seed, crashes, directory, say: (text) => console.log(text) });
}, 900_000);

describe('a minute of faults under load', () => {
  test('has at least fifty of them, of nearly every kind', () => {
    const injected = result.faults.filter(({ count }) => count > 0);
    expect(injected.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(50);
    expect(injected.length).toBeGreaterThanOrEqual(15);
  });

  test('leaves enough acknowledged writes to judge by', () => {
    const orders = result.history.operations.filter(
      ({ kind, outcome, replayed }) => kind === 'place' && outcome === 'ok' && !replayed,
    );
    expect(orders.length).toBeGreaterThanOrEqual(50);
  });

  test('leaves enough charges at stations to judge by', () => {
    const purchases = result.checks.find(({ name }) => name === 'purchases');
    expect(purchases?.looked?.['charges delivered']).toBeGreaterThanOrEqual(50);
  });

  test('breaks no promise, and every check had something to look at', () => {
    expect(result.violations).toEqual([]);
    for (const { name, checked } of result.checks) expect(checked, name).toBeGreaterThan(0);
  });
});
