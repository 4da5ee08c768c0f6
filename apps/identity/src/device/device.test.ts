import { sessionRevoked } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import { aDevice, anAppProfile, signed, type TestDevice } from '../../test/devices.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { waitingForLocks } from '../../test/locks.ts';
import { mostDevices } from './device.ts';
import { exchange } from './exchange.ts';
import { endDevice, keepPushToken, listDevices, openDevice } from './service.ts';

let identity: TestIdentity;
let customer: SignedIn;
let profileId: string;

beforeAll(async () => {
  identity = await startIdentity();
  profileId = await anAppProfile(identity);
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity);
});

const open = () => aDevice(identity, customer, { profileId });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : Promise.reject(error)),
  );
const passes = (device: TestDevice) => codeOf(exchange(identity.deps, signed(device, { at: identity.deps.clock() })));
const owner = () => ({ role: 'customer', id: customer.id, address: '203.0.113.7' }) as const;
const devices = () => listDevices(identity.deps, customer.id);
const actsOf = (customerId: string) =>
  identity.deps.db.auditEntry.findMany({ where: { subjectId: customerId }, orderBy: { id: 'asc' } });
const revokedOf = async (customerId: string) =>
  (await identity.told(sessionRevoked.subject)).filter(({ data }) => data.customerId === customerId);

describe('opening', () => {
  test('gives a key of 32 random bytes in standard base64, another one each time, and is written down', async () => {
    const [one, two] = [await open(), await open()];
    expect(Buffer.from(one.key, 'base64')).toHaveLength(32);
    expect(one.key).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(two.key).not.toBe(one.key);
    expect(await actsOf(customer.id)).toMatchObject([
      {
        act: 'device.opened',
        actorRole: 'customer',
        actorId: customer.id,
        address: '203.0.113.7',
        facts: { sessionId: one.sessionId, profileId },
      },
      { act: 'device.opened', facts: { sessionId: two.sessionId } },
    ]);
  });

  test('is undone with the transaction that it is part of', async () => {
    const { deps } = identity;
    const visit = { clientId: null, address: '203.0.113.7', userAgent: null };
    const failing = deps.database.transaction(async (tx) => {
      await openDevice(tx, deps, { customerId: customer.id, profileId, visit, now: deps.clock() });
      throw new Error('the caller fails');
    });
    await expect(failing).rejects.toThrow('the caller fails');
    expect(await devices()).toEqual([]);
    expect(await actsOf(customer.id)).toEqual([]);
  });

  test('works in a transaction of Prisma as well', async () => {
    const { deps } = identity;
    const visit = { clientId: null, address: '203.0.113.7', userAgent: null };
    const { sessionId } = await deps.db.$transaction((tx) =>
      openDevice(tx, deps, { customerId: customer.id, profileId, visit, now: deps.clock() }),
    );
    expect(await devices()).toMatchObject([{ id: sessionId }]);
  });

  test('is refused to who is blocked', async () => {
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { blockedAt: identity.deps.clock() } });
    expect(await codeOf(open())).toBe('account_blocked');
    expect(await devices()).toEqual([]);
  });

  test('of one too many ends the one that was not used for longest', async () => {
    const opened: TestDevice[] = [];
    for (let n = 0; n < mostDevices; n += 1) {
      identity.runtime.clock.advance(1000);
      opened.push(await open());
    }
    identity.runtime.clock.advance(120_000);
    await exchange(identity.deps, signed(opened[0] as TestDevice, { at: identity.deps.clock() }));
    const newest = await open();
    expect(await devices()).toHaveLength(mostDevices);
    expect(await passes(opened[0] as TestDevice)).toBe('done');
    expect(await passes(newest)).toBe('done');
    expect(await passes(opened[1] as TestDevice)).toBe('signature_wrong');
    const ended = (opened[1] as TestDevice).sessionId;
    expect(await revokedOf(customer.id)).toMatchObject([{ data: { sessionId: ended, reason: 'displaced' } }]);
    expect((await actsOf(customer.id)).at(-1)).toMatchObject({
      act: 'device.ended',
      actorRole: 'system',
      facts: { sessionId: ended, displacedBy: newest.sessionId },
    });
  });

  test('of many at once leaves no more than there may be', async () => {
    for (let n = 0; n < mostDevices - 1; n += 1) await open();
    const { database } = identity.deps;
    let opening: Promise<unknown>[] = [];
    await database.transaction(async (tx) => {
      await tx.$executeRaw`LOCK TABLE device_key IN ACCESS EXCLUSIVE MODE`;
      opening = Array.from({ length: 5 }, open);
      await until(async () => (await waitingForLocks(database)) === 5);
    });
    await Promise.all(opening);
    expect(await devices()).toHaveLength(mostDevices);
  });
});

describe('a list', () => {
  test('shows an owner their devices, used last first, and nothing of their keys', async () => {
    const [one, two] = [await open(), await open()];
    await aDevice(identity, await aCustomer(identity), { profileId });
    identity.runtime.clock.advance(120_000);
    await exchange(identity.deps, signed(one, { at: identity.deps.clock() }));
    const listed = await devices();
    expect(listed).toEqual([
      {
        id: one.sessionId,
        profileId,
        profileName: expect.any(String),
        openedAt: expect.any(Date),
        lastUsedAt: identity.deps.clock(),
        userAgent: 'okhttp/4.12',
        address: '203.0.113.7',
        hasPushToken: false,
      },
      expect.objectContaining({ id: two.sessionId }),
    ]);
    expect(JSON.stringify(listed)).not.toContain(one.key);
  });

  test('has no browsers in it', async () => {
    await identity.call('POST', '/auth/login', {
      body: { login: customer.email, password: customer.password, clientId: customer.clientId },
    });
    expect(await devices()).toEqual([]);
  });
});

describe('ending', () => {
  test('is told once, and written down with who did it', async () => {
    const { sessionId } = await open();
    const wish = { customerId: customer.id, deviceId: sessionId };
    const operator = { role: 'operator', id: 'f'.repeat(24), address: '198.51.100.1' } as const;
    await endDevice(identity.deps, { ...wish, actor: operator });
    expect(await codeOf(endDevice(identity.deps, { ...wish, actor: owner() }))).toBe('device_not_found');
    expect(await revokedOf(customer.id)).toMatchObject([{ data: { sessionId, reason: 'ended_by_operator' } }]);
    expect((await actsOf(customer.id)).at(-1)).toMatchObject({
      act: 'device.ended',
      actorRole: 'operator',
      actorId: operator.id,
      address: operator.address,
      facts: { sessionId },
    });
    expect(await devices()).toEqual([]);
  });

  test.each<[string, () => Promise<string>]>([
    ['of somebody else', async () => (await aDevice(identity, await aCustomer(identity), { profileId })).sessionId],
    ['that nobody has', async () => '0'.repeat(24)],
    ['that is a browser', async () => (await identity.deps.tokens.verify(customer.accessToken)).sessionId],
  ])('a device %s is not found, and stays', async (_, find) => {
    const deviceId = await find();
    expect(await codeOf(endDevice(identity.deps, { customerId: customer.id, deviceId, actor: owner() }))).toBe(
      'device_not_found',
    );
    expect(await revokedOf(customer.id)).toEqual([]);
    expect(await identity.deps.db.session.count({ where: { id: deviceId, endedAt: { not: null } } })).toBe(0);
  });

  test('of all sessions ends devices with them', async () => {
    const device = await open();
    await identity.call('POST', '/auth/forgot-password', { body: { email: customer.email } });
    const [mail] = await identity.mailTo(customer.email);
    const token = /token=(\S+)/.exec(mail?.text ?? '')?.[1];
    await identity.call('POST', '/auth/reset-password', { body: { token, newPassword: 'four grey herons' } });
    expect(await passes(device)).toBe('signature_wrong');
  });
});

describe('a push token', () => {
  const tokens = async () =>
    Object.fromEntries(
      (await identity.deps.db.deviceKey.findMany({ where: { pushToken: { not: null } } })).map((row) => [
        row.sessionId,
        row.pushToken,
      ]),
    );

  test('is kept for a device, and moves with the app that is registered anew', async () => {
    const [one, two] = [await open(), await open()];
    await keepPushToken(identity.deps, one.sessionId, 'first');
    await keepPushToken(identity.deps, two.sessionId, 'second');
    expect(await tokens()).toMatchObject({ [one.sessionId]: 'first', [two.sessionId]: 'second' });
    await keepPushToken(identity.deps, two.sessionId, 'first');
    expect(await tokens()).toMatchObject({ [two.sessionId]: 'first' });
    expect(await tokens()).not.toHaveProperty(one.sessionId);
    expect((await devices()).map(({ id, hasPushToken }) => [id, hasPushToken])).toEqual(
      expect.arrayContaining([
        [one.sessionId, false],
        [two.sessionId, true],
      ]),
    );
  });

  test('of a device that has ended, or of a browser, is not kept and taken from nobody', async () => {
    const [one, two] = [await open(), await open()];
    await keepPushToken(identity.deps, one.sessionId, 'mine');
    await endDevice(identity.deps, { customerId: customer.id, deviceId: two.sessionId, actor: owner() });
    const { sessionId: browser } = await identity.deps.tokens.verify(customer.accessToken);
    for (const id of [two.sessionId, browser]) {
      expect(await codeOf(keepPushToken(identity.deps, id, 'mine'))).toBe('device_not_found');
    }
    expect(await tokens()).toMatchObject({ [one.sessionId]: 'mine' });
  });
});
