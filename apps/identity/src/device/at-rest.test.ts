import { AppError } from '@forecourt/errors';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import { aDevice, signed, type TestDevice } from '../../test/devices.ts';
import { deviceKeySecret, startIdentity, type TestIdentity } from '../../test/identity.ts';
import type { Deps } from '../deps.ts';
import { tidyUp } from '../housekeeping.ts';
import { exchange } from './exchange.ts';
import { createDeviceKeySealer } from './sealer.ts';
import { endDevice } from './service.ts';

let identity: TestIdentity;
let customer: SignedIn;

beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity);
});

const passes = (device: TestDevice, deps: Deps = identity.deps) =>
  exchange(deps, signed(device, { at: deps.clock() })).then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : Promise.reject(error)),
  );
const owner = () => ({ role: 'customer', id: customer.id, address: '203.0.113.7' }) as const;

const sealers = (...secrets: [string, ...string[]]) => {
  const [first, ...rest] = secrets.map((secret) => ({ id: secret.slice(0, 1), secret }));
  return createDeviceKeySealer([first as { id: string; secret: string }, ...rest]);
};
const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];
const dump = async () => {
  const [{ text } = { text: '' }] = await identity.deps.database.$queryRaw<{ text: string }[]>`
    SELECT (SELECT jsonb_agg(d)::text FROM (SELECT session_id, encode(sealed_key, 'hex') AS hex,
              encode(sealed_key, 'base64') AS base64, sealed_by FROM device_key) AS d)
           || (SELECT jsonb_agg(s)::text FROM session AS s) || (SELECT jsonb_agg(e)::text FROM audit_entry AS e)
           || (SELECT jsonb_agg(o)::text FROM outbox AS o) AS text`;
  return text;
};

test('no key and no secret is in the database or the log', async () => {
  const device = await aDevice(identity, customer);
  const { key, sessionId } = device;
  await passes(device);
  const stored = await dump();
  expect(stored).toContain(sessionId);
  for (const secret of [key, Buffer.from(key, 'base64').toString('hex'), deviceKeySecret]) {
    expect(stored).not.toContain(secret);
    expect(JSON.stringify(identity.runtime.logged)).not.toContain(secret);
  }
});

test('a key is bound to its session, and to the secret that sealed it', () => {
  const key = Buffer.alloc(32, 7);
  const sealed = sealers(a).seal('one', key);
  expect(sealers(b, a).unseal('one', sealed)).toEqual(key);
  expect(sealers(a).unseal('two', sealed)).toBeNull();
  expect(sealers(b).unseal('one', sealed)).toBeNull();
  expect(sealers(b).unseal('one', { ...sealed, sealedBy: 'b' })).toBeNull();
  expect(sealers(a).unseal('one', { ...sealed, sealedKey: Buffer.from(sealed.sealedKey).subarray(0, 20) })).toBeNull();
  const changed = Buffer.from(sealed.sealedKey);
  changed[30] = (changed[30] as number) ^ 1;
  expect(sealers(a).unseal('one', { ...sealed, sealedKey: changed })).toBeNull();
  expect(Buffer.from(sealers(a).seal('one', key).sealedKey)).not.toEqual(Buffer.from(sealed.sealedKey));
});

test('a new secret in front is used at once, the old one until housekeeping has sealed all anew', async () => {
  const [old, rotated, gone] = [sealers(a), sealers(b, a), sealers(b)];
  const sealing = await startIdentity();
  const deps = { ...sealing.deps, deviceKeys: old };
  const somebody = await aCustomer(sealing);
  const first: TestDevice[] = [];
  for (let n = 0; n < 5; n += 1) first.push(await aDevice({ deps }, somebody));

  const during = { ...sealing.deps, deviceKeys: rotated };
  const next = await aDevice({ deps: during }, somebody);
  for (const device of [...first, next]) expect(await passes(device, during)).toBe('done');
  const sealedBy = async () => (await sealing.deps.db.deviceKey.findMany()).map((row) => row.sealedBy).sort();
  expect(await sealedBy()).toEqual(['a', 'a', 'a', 'a', 'a', 'b']);

  await tidyUp(during, 2);
  expect(await sealedBy()).toEqual(['b', 'b', 'b', 'b', 'b', 'b']);
  const after = { ...sealing.deps, deviceKeys: gone };
  for (const device of [...first, next]) expect(await passes(device, after)).toBe('done');
  await sealing.close();
});

test('a key whose secret is missing is our fault: nobody is told that they signed wrongly, and housekeeping says so', async () => {
  const lonely = await startIdentity();
  const somebody = await aCustomer(lonely);
  const device = await aDevice({ deps: { ...lonely.deps, deviceKeys: sealers(a) } }, somebody);
  const kept = await aDevice({ deps: { ...lonely.deps, deviceKeys: sealers(b) } }, somebody);
  const deps = { ...lonely.deps, deviceKeys: sealers(b) };
  expect(await passes(device, deps)).toBe('service_unavailable');
  expect(await passes(kept, deps)).toBe('done');
  await tidyUp(deps, 1);
  expect(lonely.runtime.logged.filter(({ level }) => level === 'error')).toMatchObject([
    { sealedBy: ['a'] },
    { sealedBy: ['a'], msg: 'device keys cannot be unsealed: a secret is missing' },
  ]);
  expect(await passes(device, { ...deps, deviceKeys: sealers(b, a) })).toBe('done');
  await lonely.close();
});

test('the key of a device that has ended goes with the next housekeeping, and remembered requests with their window', async () => {
  const [ended, kept] = [await aDevice(identity, customer), await aDevice(identity, customer)];
  await passes(ended);
  await endDevice(identity.deps, { customerId: customer.id, deviceId: ended.sessionId, actor: owner() });
  identity.runtime.clock.advance(1000);
  const requests = () => identity.deps.db.signedRequest.count({ where: { customerNumber: ended.customerNumber } });
  await tidyUp(identity.deps);
  expect(
    await identity.deps.db.deviceKey.findMany({
      where: { session: { customerId: customer.id } },
      select: { sessionId: true },
    }),
  ).toEqual([{ sessionId: kept.sessionId }]);
  expect(await requests()).toBe(1);
  identity.runtime.clock.advance(20 * 60_000);
  await tidyUp(identity.deps);
  expect(await requests()).toBe(1);
  identity.runtime.clock.advance(60_000);
  await tidyUp(identity.deps);
  expect(await requests()).toBe(0);
});
