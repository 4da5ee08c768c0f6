import { expect, test } from 'vitest';
import { aCustomer, logIn } from '../test/builders.ts';
import { startIdentity } from '../test/identity.ts';
import { liftVersions } from './versions.ts';

test('after a restore of an older state every version is above all that were told', async () => {
  const identity = await startIdentity();
  const { id } = await aCustomer(identity);
  await identity.deps.database.transaction(liftVersions);
  expect(await identity.deps.db.customer.findUnique({ where: { id } })).toMatchObject({ version: 1_000_001 });
  await identity.close();
});

test('after a restore of an older state no session is open that may have ended since, and all may sign in again', async () => {
  const identity = await startIdentity();
  const buyer = await aCustomer(identity);
  await identity.deps.database.transaction(liftVersions);
  const { refreshToken } = buyer;
  expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
  expect(await logIn(identity, buyer)).toMatchObject({ refreshToken: expect.any(String) });
  await identity.close();
});
