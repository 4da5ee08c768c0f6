import { afterEach, beforeEach, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { hurry, settledOf } from '../../test/invoices.ts';
import { createTestProvider, type TestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import { compareDays } from './comparing.ts';
import { replenish } from './service.ts';

let provider: TestProvider;
let till: Till;
const anHour = 3_600_000;
beforeEach(async () => {
  till = await openTill({ deps: { patience: hurry } });
  provider = createTestProvider(till.runtime.clock);
  Object.assign(till.deps, { provider });
  till.runtime.clock.set('2026-02-19T12:00:00.000Z');
});
afterEach(() => till.close());

async function paid(hours = 0) {
  const customerId = anId();
  const { id, providerRef } = await replenish(till.deps, { customerId, amount: 1000n });
  till.runtime.clock.advance(hours * anHour);
  provider.pay(providerRef);
  return { id, customerId };
}
const lists = () => provider.calls.filter((call) => call === 'list').length;
const days = () => till.deps.prisma.comparedDay.findMany({ orderBy: { day: 'asc' } });

test('a payment that nobody told of is found in the list of its day, an hour after that is over', async () => {
  const { id, customerId } = await paid(11);
  till.runtime.clock.set('2026-02-20T00:59:59.999Z');
  await compareDays(till.deps);
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 0n });
  till.runtime.clock.set('2026-02-20T01:00:00.000Z');
  await compareDays(till.deps);
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 1000n });
  expect(await settledOf(till, id)).toHaveLength(1);
  expect((await days()).at(-1)).toMatchObject({ day: new Date('2026-02-19'), listed: 1, found: 1, unknown: 0 });
});

test('each day is listed once, by one process, and one that failed is listed again', async () => {
  const second = await till.secondProcess();
  Object.assign(second.deps, { provider });
  till.runtime.clock.set('2026-02-20T02:00:00.000Z');
  await Promise.all([compareDays(till.deps), compareDays(second.deps)]);
  expect(lists()).toBe(3);
  await compareDays(till.deps);
  expect(lists()).toBe(3);

  const { customerId } = await paid();
  till.runtime.clock.set('2026-02-21T02:00:00.000Z');
  provider.misbehave = () => 'away';
  await expect(compareDays(till.deps)).rejects.toMatchObject({ code: 'provider_unavailable' });
  provider.misbehave = () => undefined;
  await compareDays(till.deps);
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 0n });
  till.runtime.clock.advance(anHour);
  await compareDays(till.deps);
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 1000n });
});

test('pages are gone through, and what is known, not paid or a stranger’s changes nothing', async () => {
  const customers: string[] = [];
  for (let n = 0; n < 49; n += 1) customers.push((await paid()).customerId);
  const { providerRef } = await replenish(till.deps, { customerId: anId(), amount: 1000n });
  for (const status of ['pending', 'failed', 'refunded', 'unclear'] as const) provider.pay(providerRef, { status });
  for (let n = 0; n < 60; n += 1) provider.pay(providerRef, { amount: 1n });
  const wish = { number: 'of another shop', amount: 1n, currency: 'UAH', description: '', payer: '', callbackUrl: '' };
  provider.invoices.push({
    ref: 'stranger',
    wish: { ...wish, expiresAt: new Date() },
    state: 'open',
    payments: [],
  });
  provider.pay('stranger');
  till.runtime.clock.set('2026-02-20T02:00:00.000Z');
  await compareDays(till.deps);
  expect((await days()).at(-1)).toMatchObject({ listed: 114, found: 109, unknown: 1 });
  for (const customerId of customers) expect(await till.walletOf(customerId)).toMatchObject({ balance: 1000n });
});
