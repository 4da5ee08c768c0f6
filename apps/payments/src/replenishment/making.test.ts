import { until } from '@forecourt/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { anId } from '../../test/builders.ts';
import { hurry, mistakes, workOffAll } from '../../test/invoices.ts';
import { createTestProvider, type TestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import { numberOf } from './replenishment.ts';
import { replenish } from './service.ts';
import { workOff } from './worker.ts';

let provider: TestProvider;
let till: Till;
beforeEach(async () => {
  provider = createTestProvider();
  till = await openTill({ deps: { provider, patience: { ...hurry, answerMs: 1_500, attemptMs: 50 } } });
});
afterEach(() => till.close());

const wish = () => ({ customerId: anId(), amount: 1000n });
const makes = () => provider.calls.filter((call) => call === 'make').length;
const attempts = () => till.deps.prisma.invoiceAttempt.findMany({ orderBy: { number: 'asc' } });

/** The calls that are to be slow wait for `answer`. */
function holdBack(isSlow: (call: number) => boolean) {
  const held = Promise.withResolvers<undefined>();
  provider.misbehave = (call) => (call === 'make' && isSlow(makes()) ? held.promise : undefined);
  return () => held.resolve(undefined);
}

test('a provider that is slow is asked once more, and the invoice that nobody was told of is withdrawn', async () => {
  const answer = holdBack((call) => call === 1);
  const invoice = await replenish(till.deps, wish());
  expect(provider.invoices).toMatchObject([{ ref: invoice.providerRef, wish: { number: numberOf(invoice.id, 2) } }]);
  // A process that ends waits for what it asked, and notes what came of it.
  const ended = vi.fn();
  const ending = till.deps.errands.close().then(ended);
  expect((await attempts()).map(({ outcome }) => outcome)).toEqual([null, 'made']);
  expect(ended).not.toHaveBeenCalled();
  answer();
  await ending;
  expect((await attempts()).map(({ outcome }) => outcome)).toEqual(['made', 'made']);
  await workOff(till.deps);
  expect(provider.invoices.map(({ ref, state }) => [ref === invoice.providerRef, state])).toEqual([
    [true, 'open'],
    [false, 'canceled'],
  ]);
  expect((await attempts()).map(({ outcome }) => outcome)).toEqual(['withdrawn', 'made']);
});

test('who waited long enough is told so; what is made later is withdrawn, and no number is used twice', async () => {
  const answer = holdBack(() => true);
  await expect(replenish(till.deps, wish())).rejects.toMatchObject({ code: 'provider_unavailable' });
  expect(makes()).toBe(3);
  answer();
  await till.deps.errands.close();
  await until(async () => (await attempts()).every(({ outcome }) => outcome === 'made'));
  await workOffAll(till);
  expect(provider.invoices.map(({ state }) => state)).toEqual(['canceled', 'canceled', 'canceled']);
  expect(await mistakes(till, provider)).toEqual([]);
});

test('what somebody pays of an invoice that nobody was told of is theirs', async () => {
  const answer = holdBack((call) => call === 1);
  const { customerId, amount } = wish();
  const invoice = await replenish(till.deps, { customerId, amount });
  answer();
  await until(async () => (await attempts())[0]?.outcome === 'made');
  for (const { ref } of provider.invoices) provider.pay(ref);
  await workOffAll(till);
  expect(await till.walletOf(customerId)).toMatchObject({ balance: 2n * amount });
  expect(await till.deps.prisma.invoice.findUnique({ where: { id: invoice.id } })).toMatchObject({
    status: 'success',
    flag: 'overpaid',
  });
  expect((await attempts()).map(({ outcome }) => outcome)).toEqual(['paid', 'made']);
});

test('an orphan that the provider does not let go is tried for a day, and then shown to a person', async () => {
  const answer = holdBack((call) => call === 1);
  const { id, providerRef } = await replenish(till.deps, wish());
  answer();
  await until(async () => (await attempts())[0]?.outcome === 'made');
  provider.pay(providerRef);
  provider.misbehave = (call) => (call === 'cancel' ? 'away' : undefined);
  await workOffAll(till);
  const tries = provider.calls.filter((call) => call === 'cancel').length;
  expect(tries).toBeGreaterThan(20);
  expect(tries).toBeLessThan(40);
  expect(await till.deps.prisma.invoice.findUnique({ where: { id } })).toMatchObject({ flag: 'not_withdrawn' });
});

test('an invoice whose maker died is given up when its lease ends, and not before', async () => {
  holdBack(() => true);
  const dying = replenish({ ...till.deps, patience: { ...hurry, answerMs: 60_000, attemptMs: 60_000 } }, wish());
  dying.catch(() => {});
  await until(() => makes() === 1);
  till.runtime.clock.advance(hurry.leaseMs - 1);
  expect(await workOff(till.deps)).toBe(0);
  till.runtime.clock.advance(1);
  expect(await workOff(till.deps)).toBe(1);
  const [invoice] = await till.deps.prisma.invoice.findMany();
  expect(invoice).toMatchObject({ status: 'error', dueAt: null, takenUntil: null });
  expect(await attempts()).toMatchObject([{ outcome: 'in_doubt', error: 'whoever made the call is gone' }]);
});

test('what was made by a provider that is not ours any more is left alone until it is again', async () => {
  const { id, customerId, providerRef, expiresAt } = await replenish(till.deps, wish());
  till.runtime.clock.set(expiresAt);
  const other: TestProvider = { ...createTestProvider(), name: 'other' };
  expect(await workOff({ ...till.deps, provider: other })).toBe(1);
  expect(other.calls).toEqual([]);
  expect(await till.deps.prisma.invoice.findUnique({ where: { id } })).toMatchObject({ status: 'pending' });
  provider.pay(providerRef);
  await workOffAll(till);
  expect((await till.walletOf(customerId)).balance).toBe(1000n);
});
