import { newUuid } from '@forecourt/service-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askForCode } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import type { CodeRequest } from './code.ts';
import { findRequest, insertRequest, lockRequest } from './store.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

test('a short id that another request has is refused, and that request stays as it is', async () => {
  const { database, db } = identity.deps;
  const { requestId, shortId } = await askForCode(identity, { withShortId: true });
  const first = (await findRequest(db, { requestId })) as CodeRequest;
  const second = { ...first, id: newUuid(identity.deps.clock()), recipient: '+380671119999' };
  expect(await insertRequest(database, second)).toBe(false);
  expect(await insertRequest(database, { ...second, shortId: (shortId as number) ^ 1 })).toBe(true);
  expect(await findRequest(db, { shortId: shortId as number })).toEqual(first);
});

test('a request is read the same through Prisma and without it', async () => {
  const { database, db } = identity.deps;
  const { requestId } = await askForCode(identity, {
    withShortId: true,
    facts: { lastName: 'Їжак', nested: [1, null] },
  });
  const read = (await findRequest(db, { requestId })) as CodeRequest;
  const locked = (await lockRequest(database, { requestId })) as CodeRequest;
  expect({ ...locked, nonce: [...locked.nonce] }).toEqual({ ...read, nonce: [...read.nonce] });
});
