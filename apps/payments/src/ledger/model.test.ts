import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aCast, aCommand, act } from '../../test/acting.ts';
import { type Command, isExplained, type Model, moneyOf, nothing, type Outcome, step } from '../../test/model.ts';
import { openTill, type Till } from '../../test/till.ts';
import type { Deps } from '../deps.ts';
import { verify } from '../verification/service.ts';

let till: Till;
let other: Pick<Till, 'deps'>;
beforeAll(async () => {
  till = await openTill();
  other = await till.secondProcess();
});
afterAll(() => till.close());

const walletsOf = async (customers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    await Promise.all(Object.entries(customers).map(async ([letter, id]) => [letter, await till.walletOf(id)])),
  ) as Record<string, { balance: bigint; available: bigint }>;

const differences = async () => (await verify(till.deps)).differences;

async function follow(commands: readonly Command[]): Promise<void> {
  const cast = aCast();
  let model = nothing;
  for (const command of commands) {
    const [next, expected] = step(model, command);
    expect(await act(till.deps, cast, command), JSON.stringify(command, withBigints)).toEqual(expected);
    model = next;
  }
  const wallets = await walletsOf(cast.customers);
  for (const [letter, wallet] of Object.entries(wallets)) expect(wallet).toEqual(moneyOf(model, letter));
}

const withBigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

// Sequences of strangers run beside one another, so that they share statements as those of real callers do.
test('two thousand sequences of commands end as the model says, each step of them', async () => {
  const sequences = fc.array(fc.array(aCommand, { minLength: 4, maxLength: 16, size: 'max' }), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(sequences, async (many) => void (await Promise.all(many.map(follow)))),
    { numRuns: 67 },
  );
  expect(await differences()).toEqual([]);
}, 240_000);

/** Threads of commands that meet on the same wallets and keys, by turns in one process and the other. */
async function meet(before: readonly Command[], threads: readonly (readonly Command[])[]): Promise<void> {
  const cast = aCast();
  let model = nothing;
  for (const command of before) {
    [model] = step(model, command);
    await act(till.deps, cast, command);
  }
  const seen = await Promise.all(
    threads.map((thread, index) => inOrder(index % 2 === 0 ? till.deps : other.deps, thread)),
  );
  async function inOrder(deps: Deps, thread: readonly Command[]) {
    const outcomes: { command: Command; seen: Outcome }[] = [];
    for (const command of thread) outcomes.push({ command, seen: await act(deps, cast, command) });
    return outcomes;
  }
  const wallets = await walletsOf(cast.customers);
  const isTheEnd = (end: Model) =>
    Object.entries(wallets).every(([letter, { balance, available }]) => {
      const money = moneyOf(end, letter);
      return money.balance === balance && money.available === available;
    });
  expect(isExplained(model, seen, isTheEnd), JSON.stringify(seen, withBigints)).toBe(true);
}

test('what happens at once, in two processes, is what some order of it would have led to', async () => {
  const few = fc.array(aCommand, { minLength: 1, maxLength: 3 });
  const scene = fc.record({
    before: fc.array(aCommand, { maxLength: 3 }),
    threads: fc.array(few, { minLength: 2, maxLength: 4, size: 'max' }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(scene, { minLength: 1, maxLength: 40, size: 'max' }), async (scenes) => {
      await Promise.all(scenes.map(({ before, threads }) => meet(before, threads)));
    }),
    { numRuns: 100, endOnFailure: true },
  );
  expect(await differences()).toEqual([]);
}, 240_000);
