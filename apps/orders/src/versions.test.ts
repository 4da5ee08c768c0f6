import { stockChanged } from '@forecourt/contracts';
import { openDatabase } from '@forecourt/service-kit';
import { createTestDatabase } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { liftVersions } from './versions.ts';

test('after a restore of an older state every version is above all that were told, and tells what is there', async () => {
  const { url, close } = await createTestDatabase('orders');
  const database = openDatabase({ url, applicationName: 'test' });
  onTestFinished(async () => {
    await database.close();
    await close();
  });
  await database.$executeRaw`INSERT INTO stock (product_id, quantity, version, counted_at) VALUES ('65f1a2b3c4d5e6f7a8b9c001', 3, 7, now())`;
  await database.$executeRaw`
    INSERT INTO subscription (id, version, customer_id, product_id, product_number, title, length, price, currency, state,
      reason, renews, ordered_at, unpaid_since)
    VALUES ('65f1a2b3c4d5e6f7a8b9c002', 4, 'c', 'p', 1, '{}', '{}', 1, 'UAH', 'unpaid', 'ordered', true, now(), now())`;
  await database.transaction(liftVersions);
  expect(await database.$queryRaw`SELECT version FROM subscription`).toEqual([{ version: 1_000_004 }]);
  expect(await database.$queryRaw`SELECT version FROM stock`).toEqual([{ version: 1_000_007 }]);
  const told = await database.$queryRaw<{ version: number; data: unknown }[]>`
    SELECT aggregate_version AS version, data FROM outbox WHERE subject = ${stockChanged.subject}`;
  expect(told.map(({ version, data }) => ({ version, data: stockChanged.data.parse(data) }))).toMatchObject([
    { version: 1_000_007, data: { version: 1_000_007, quantity: 3, inStock: true } },
  ]);
});
