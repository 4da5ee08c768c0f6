import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { hurry } from '../../test/invoices.ts';
import { createTestProvider } from '../../test/provider.ts';
import { openTill, type Till } from '../../test/till.ts';
import { replenish } from './service.ts';
import { workOff } from './worker.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill({ deps: { patience: hurry } });
  Object.assign(till.deps, { provider: createTestProvider(till.runtime.clock) });
});
afterAll(() => till.close());

async function overdue(): Promise<number> {
  const text = await till.runtime.metrics.registry.metrics();
  const line = text.split('\n').find((one) => one.startsWith('payments_invoices_overdue'));
  return Number(line?.split(' ').at(-1));
}
const pass = (milliseconds: number) => till.runtime.clock.advance(milliseconds);

test('an invoice that no worker looks at for a minute is told, until one does', async () => {
  await replenish(till.deps, { customerId: anId(), amount: 1000n });
  expect(await overdue()).toBe(0);
  pass(60_000);
  expect(await overdue()).toBe(0);
  pass(60_000);
  expect(await overdue()).toBe(1);
  expect(await workOff(till.deps)).toBe(1);
  expect(await overdue()).toBe(0);
});

test('one that somebody has in hand is not', async () => {
  const { id } = await replenish(till.deps, { customerId: anId(), amount: 1000n });
  const now = till.runtime.clock();
  await till.runtime.database.$executeRaw`
    UPDATE invoice SET due_at = ${new Date(now.getTime() - 120_000)}::timestamptz,
      taken_until = ${new Date(now.getTime() + 1_000)}::timestamptz WHERE id = ${id}::uuid`;
  expect(await overdue()).toBe(0);
  pass(1_000);
  expect(await overdue()).toBe(1);
});
