import { openDatabase } from '@forecourt/service-kit';
import { createTestDatabase } from '@forecourt/testing';
import { expect, onTestFinished, test } from 'vitest';
import { liftVersions } from './versions.ts';

test('after a restore of an older state every version is above all that were told', async () => {
  const { url, close } = await createTestDatabase('catalog');
  const database = openDatabase({ url, applicationName: 'test' });
  onTestFinished(async () => {
    await database.close();
    await close();
  });
  await database.$executeRaw`
    INSERT INTO discount (id, name, type, percent_hundredths, scope, active, version, created_at, updated_at)
    VALUES ('65f1a2b3c4d5e6f7a8b9c001', 'x', 'percent', 500, 'everything', true, 7, now(), now())`;
  await database.transaction(liftVersions);
  expect(await database.$queryRaw`SELECT version FROM discount`).toEqual([{ version: 1_000_007 }]);
});
