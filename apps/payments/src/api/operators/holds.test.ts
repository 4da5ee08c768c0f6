import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openTill, type Till } from '../../../test/till.ts';
import { captureHold, placeHold, releaseHold } from '../../hold/service.ts';

let till: Till;
let staff: Record<string, string>;
beforeAll(async () => {
  till = await openTill();
  staff = await till.asOperator();
});
afterAll(() => till.close());

const list = async (query: string) => {
  const { status, body, text } = await till.get(`/admin/ledger/holds?${query}`, staff);
  expect(status, text).toBe(200);
  return body;
};

async function aHold(customerId: string, amount = 700n): Promise<string> {
  const { clock } = till.runtime;
  clock.advance(1_000);
  const key = anId();
  const expiresAt = new Date(clock().getTime() + 60_000);
  await placeHold(till.deps, { key, customerId, amount, atLeast: 1n, reference: 'session-7', expiresAt });
  return key;
}

test('holds are found by customer and state, newest first, in pages that join up', async () => {
  const customerId = anId();
  await till.fund(customerId, 10_000n);
  const [captured, released, placed] = [await aHold(customerId), await aHold(customerId), await aHold(customerId)];
  await captureHold(till.deps, { key: captured, amount: 600n, revenue: 'charging' });
  await releaseHold(till.deps, released);

  const { result, statements } = await countStatements(till.runtime, () => list(`customerId=${customerId}`));
  expect(statements).toHaveLength(1);
  expect(result.items).toMatchObject([
    { key: placed, status: 'placed', amount: 7, captured: 0, endedAt: null, transferId: null, customerId },
    { key: released, status: 'released', captured: 0, endedAt: expect.any(String) },
    { key: captured, status: 'captured', captured: 6, transferId: expect.any(String), reference: 'session-7' },
  ]);
  const keysIn = ({ items }: { items: { key: string }[] }) => items.map(({ key }) => key);
  expect(keysIn(await list(`customerId=${customerId}&status=captured`))).toEqual([captured]);
  const first = await list(`customerId=${customerId}&limit=2`);
  expect(keysIn(await list(`customerId=${customerId}&limit=2&after=${first.next}`))).toEqual([captured]);
});

test('one that was released before anybody placed it is nobody’s', async () => {
  const key = anId();
  await releaseHold(till.deps, key);
  const { items } = await list('status=released&limit=100');
  expect(items).toContainEqual(expect.objectContaining({ key, customerId: null, amount: 0 }));
});
