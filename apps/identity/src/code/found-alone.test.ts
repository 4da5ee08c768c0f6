import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anotherProcess, aPhone, askForCode } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { waitingForLocks } from '../../test/locks.ts';
import { codeOf } from './code.ts';
import { drawUnlike, networkKey } from './found-alone.ts';
import { findRequest, insertRequest } from './store.ts';

let identity: TestIdentity;
let other: Awaited<ReturnType<typeof anotherProcess>>;
beforeAll(async () => {
  identity = await startIdentity();
  other = await anotherProcess(identity);
});
afterAll(async () => {
  await other.close();
  await identity.close();
});

const wish = { purpose: 'subscriber_sign_in', foundAlone: true } as const;
const readRequest = async (id: string) => {
  const request = await findRequest(identity.deps.db, { requestId: id });
  if (!request) throw new Error('it was asked for');
  return request;
};

test('who draws a code where another one is drawn waits for it: two at once are never alike unseen', async () => {
  const { database, secrets, clock } = identity.deps;
  const address = '198.51.100.9';
  const { requestId } = await askForCode(identity, { ...wish, address });
  const before = await readRequest(requestId);
  let second: Promise<unknown> = Promise.resolve();
  await database.transaction(async (tx) => {
    await drawUnlike(tx, secrets.codes, before, clock());
    second = askForCode(other, { ...wish, address, recipient: aPhone() });
    await until(async () => (await waitingForLocks(other.deps.database)) > 0);
    // Elsewhere nobody waits.
    await askForCode(other, { ...wish, address: '198.51.100.10' });
  });
  await second;
});

test('a nonce is drawn until its code is unlike those that are live, and no others are avoided', async () => {
  const { database, secrets, clock } = identity.deps;
  const network = networkKey(secrets, '198.51.100.11');
  const now = clock();
  const { requestId } = await askForCode(identity, { ...wish, address: '198.51.100.11' });
  const live = await readRequest(requestId);
  const twin = { ...live, id: '019c75c5-7200-7e14-aa81-aaff9f96e341', digits: 4, network };
  const draw = (nonce: Uint8Array) =>
    database.transaction((tx) => drawUnlike(tx, secrets.codes, { ...twin, nonce }, now));

  // All codes of four digits but those of a few thousand nonces are free: what is drawn is kept.
  expect((await draw(twin.nonce)).nonce).toBe(twin.nonce);
  const taken = { ...twin, id: '019c75c5-7200-7e14-aa81-aaff9f96e342', nonce: alike(twin) };
  expect(await database.transaction((tx) => insertRequest(tx, taken))).toBe(true);
  expect(codeOf(secrets.codes, taken)).toBe(codeOf(secrets.codes, twin));
  const redrawn = await draw(twin.nonce);
  expect(codeOf(secrets.codes, redrawn)).not.toBe(codeOf(secrets.codes, taken));

  await identity.deps.db.codeRequest.update({ where: { id: taken.id }, data: { expiresAt: now } });
  expect((await draw(twin.nonce)).nonce).toBe(twin.nonce);
});

/** A nonce with which the other request has the same code as this one. */
function alike(request: Awaited<ReturnType<typeof readRequest>>): Buffer {
  const { secrets } = identity.deps;
  const wanted = codeOf(secrets.codes, request);
  for (let n = 0; ; n += 1) {
    const nonce = Buffer.alloc(16);
    nonce.writeUInt32BE(n);
    const other = { ...request, id: '019c75c5-7200-7e14-aa81-aaff9f96e342', nonce };
    if (codeOf(secrets.codes, other) === wanted) return nonce;
  }
}
