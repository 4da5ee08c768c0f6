import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import { placeHold } from '../hold/service.ts';
import { verify } from '../verification/service.ts';

let till: Till;
beforeAll(async () => {
  till = await openTill();
});
afterAll(() => till.close());

async function told(name: string): Promise<number | undefined> {
  const text = await till.runtime.metrics.registry.metrics();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

test('the first scrape after the ledger was added up tells when that was, and what it found', async () => {
  const { begunAt } = await verify(till.deps);
  expect(await told('payments_ledger_verified_timestamp_seconds')).toBe(begunAt.getTime() / 1000);
  expect(await told('payments_ledger_differences')).toBe(0);

  till.runtime.clock.advance(60_000);
  const again = await verify(till.deps);
  await till.runtime.database
    .$executeRaw`UPDATE verification SET differences = '[{}, {}]' WHERE begun_at = ${again.begunAt}::timestamptz`;
  expect(await told('payments_ledger_differences')).toBe(2);
  expect(await told('payments_ledger_verified_timestamp_seconds')).toBe(again.begunAt.getTime() / 1000);
});

test('a hold past its deadline is told until it is given back', async () => {
  const customerId = anId();
  await till.fund(customerId, 100n);
  const expiresAt = new Date(till.runtime.clock().getTime() + 1_000);
  await placeHold(till.deps, { key: anId(), customerId, amount: 50n, atLeast: 50n, reference: 'session', expiresAt });
  expect(await told('payments_holds_overdue')).toBe(0);
  till.runtime.clock.advance(1_000);
  expect(await told('payments_holds_overdue')).toBe(1);
});
