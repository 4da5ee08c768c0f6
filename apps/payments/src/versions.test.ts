import { walletChanged } from '@forecourt/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { anId } from '../test/builders.ts';
import { openTill } from '../test/till.ts';
import { liftVersions } from './versions.ts';

test('after a restore of an older state every version is above all that were told, and tells what is there', async () => {
  const till = await openTill();
  onTestFinished(() => till.close());
  const customerId = anId();
  await till.fund(customerId, 700n);
  await till.runtime.database.transaction(liftVersions);
  const told = await till.told(walletChanged.subject);
  expect(told.map((data) => walletChanged.data.parse(data))).toMatchObject([
    { customerId, version: 1, balance: 700n },
    { customerId, version: 1_000_001, balance: 700n, available: 700n, currency: 'UAH' },
  ]);
  await till.fund(customerId, 1n);
  expect((await till.told(walletChanged.subject)).at(-1)).toMatchObject({ version: 1_000_002, balance: 701 });
});
