import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { hurry, mistakes, settledOf, workOffAll } from '../../test/invoices.ts';
import { createTestProvider, type TestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import type { Deps } from '../deps.ts';
import { compareDays } from './comparing.ts';
import { checkByHand, replenish, takeHint } from './service.ts';
import { settle } from './settling.ts';
import { startWorker, workOff } from './worker.ts';

let provider: TestProvider;
let till: Till;
let processes: readonly [Deps, Deps];
const amount = 1000n;
beforeAll(async () => {
  till = await openTill({ deps: { patience: hurry } });
  provider = createTestProvider(till.runtime.clock);
  const second = await till.secondProcess();
  processes = [Object.assign(till.deps, { provider }), Object.assign(second.deps, { provider })];
});
afterAll(() => till.close());

const opened = () => replenish(till.deps, { customerId: anId(), amount });

test('two processes that find one payment at the same time credit it once', async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id, customerId, providerRef } = await opened();
    const paymentId = provider.pay(providerRef);
    const findings = { payments: provider.invoice(providerRef).payments, invoice: 'open' as const };
    await Promise.all([...processes, ...processes].map((deps) => settle(deps, { id, customerId }, findings)));
    expect([paymentId, (await till.walletOf(customerId)).balance]).toEqual([paymentId, amount]);
    expect(await settledOf(till, id)).toHaveLength(1);
  }
});

test('callbacks, checks by hand, workers and the list, all at once in two processes, credit each payment once', async () => {
  const invoices = await Promise.all(Array.from({ length: 20 }, opened));
  await Promise.all(
    invoices.flatMap(({ id, customerId, providerRef }, n) => {
      // Some pay in parts, some twice.
      const parts = n % 3 === 0 ? [400n, 600n] : n % 3 === 1 ? [amount] : [amount, amount];
      const paying = parts.map(async (part) => void provider.pay(providerRef, { amount: part }));
      const asking = processes.flatMap((deps) => [
        takeHint(deps, { number: id, paymentId: null }),
        checkByHand(deps, { customerId, invoiceId: id }),
        workOff(deps),
        takeHint(deps, { number: id, paymentId: null }),
      ]);
      return [...paying, ...asking];
    }),
  );
  await workOffAll(till, processes);
  till.runtime.clock.advance(2 * 24 * 3_600_000);
  await Promise.all(processes.map((deps) => compareDays(deps)));
  await workOffAll(till, processes);
  for (const [n, { customerId }] of invoices.entries()) {
    expect([n, (await till.walletOf(customerId)).balance]).toEqual([n, n % 3 === 2 ? 2n * amount : amount]);
  }
  expect(await mistakes(till, provider)).toEqual([]);
});

test('a payment and the end of its invoice at the same time leave it paid', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id, customerId, providerRef, expiresAt } = await opened();
    till.runtime.clock.set(expiresAt);
    await Promise.all([
      workOff(processes[0]),
      Promise.resolve().then(() => provider.pay(providerRef)),
      takeHint(processes[1], { number: id, paymentId: null }).then(() => workOff(processes[1])),
    ]);
    await takeHint(processes[1], { number: id, paymentId: null });
    await workOffAll(till, processes);
    expect((await till.walletOf(customerId)).balance).toBe(amount);
    expect((await settledOf(till, id)).at(-1)).toMatchObject({ status: 'success', amount: Number(amount) });
  }
  expect(await mistakes(till, provider)).toEqual([]);
});

test('a worker looks when it is woken, is not held up by one slow answer, and finishes what it has in hand', async () => {
  const [slow, quick] = [await opened(), await opened()];
  for (const { providerRef } of [slow, quick]) provider.pay(providerRef);
  const answer = Promise.withResolvers<undefined>();
  let first = true;
  provider.misbehave = () => {
    const held = first ? answer.promise : undefined;
    first = false;
    return held;
  };
  const worker = startWorker(till.deps, 3_600_000);
  const before = provider.calls.length;
  await takeHint(till.deps, { number: slow.id, paymentId: null });
  worker.wake();
  await until(() => provider.calls.length > before);
  await takeHint(till.deps, { number: quick.id, paymentId: null });
  worker.wake();
  await until(async () => (await till.walletOf(quick.customerId)).balance === amount);
  expect((await till.walletOf(slow.customerId)).balance).toBe(0n);

  const closing = worker.close();
  answer.resolve(undefined);
  await closing;
  expect((await till.walletOf(slow.customerId)).balance).toBe(amount);
  provider.misbehave = () => undefined;
});
