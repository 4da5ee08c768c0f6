import { createTestRuntime, type TestRuntime, until } from '@forecourt/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitingForLocks } from '../../test/locks.ts';
import { deriveSecrets } from '../secret.ts';
import { createKeyRing, type SigningKey } from './service.ts';
import { activeKey, nextActivation, publishAheadSeconds } from './signing-key.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const key = (activeFrom: number, retiresAt: number | null = null) => ({
  activeFrom: at(activeFrom),
  retiresAt: retiresAt === null ? null : at(retiresAt),
});
const month = 30 * 86_400;

test.each([
  ['no key', [], 0, null],
  ['one to come', [key(10)], 9, null],
  ['one whose time has come', [key(10)], 10, 10],
  ['one, and its successor to come', [key(0, 200), key(100)], 99, 0],
  ['one, and its successor', [key(0, 200), key(100)], 100, 100],
  ['one that is retired', [key(0, 200)], 200, null],
] as const)('of %s the youngest active key signs', (_, keys, now, from) => {
  expect(activeKey(keys, at(now))?.activeFrom ?? null).toEqual(from === null ? null : at(from));
});

test.each([
  ['at the very start, one that signs at once', [], 0, 0],
  ['never while the newest is young', [key(0)], month - publishAheadSeconds - 1, null],
  ['a month after the last, minus the time to publish it', [key(0)], month - publishAheadSeconds, month],
  ['late, when nobody was there in time, but never unpublished', [key(0)], month + 5, month + 5 + publishAheadSeconds],
  ['not a second one while the next is waiting', [key(0, month + 960), key(month)], month - 1, null],
] as const)('a new key is made %s', (_, keys, now, from) => {
  expect(nextActivation(keys, at(now))).toEqual(from === null ? null : at(from));
});

describe('several processes', () => {
  let runtime: TestRuntime;
  beforeEach(async () => {
    runtime = await createTestRuntime('identity');
  });
  afterEach(() => runtime.close());

  const ring = (tokenSecret = 'one secret that all the processes of identity share') => {
    const { database, clock, log } = runtime;
    return createKeyRing({ database, clock, log, secret: deriveSecrets(tokenSecret).signingKeys });
  };
  const kids = async (keyRing: ReturnType<typeof ring>) => (await keyRing.jwks()).keys.map(({ kid }) => kid);

  test('that start at once make one key between them', async () => {
    const rings = Array.from({ length: 5 }, () => ring());
    let starting: Promise<SigningKey>[] = [];
    await runtime.database.transaction(async (tx) => {
      await tx.$executeRaw`LOCK TABLE signing_key IN ACCESS EXCLUSIVE MODE`;
      starting = rings.map((one) => one.current());
      await until(async () => (await waitingForLocks(runtime.database)) === 5);
    });
    const keys = await Promise.all(starting);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect(await kids(ring())).toEqual([keys[0]?.id]);
  });

  test('publish the next key before it signs, change to it at one instant, and keep the old one until its tokens are dead', async () => {
    const [one, two] = [ring(), ring()];
    const old = await one.current();
    expect(await two.current()).toMatchObject({ id: old.id });

    runtime.clock.advance((month - publishAheadSeconds) * 1000);
    await Promise.all([one.refresh(), two.refresh()]);
    const published = await kids(two);
    expect(published).toHaveLength(2);
    expect(await kids(one)).toEqual(published);
    expect((await one.current()).id).toBe(old.id);

    runtime.clock.advance(publishAheadSeconds * 1000);
    const next = await one.current();
    expect(next.id).not.toBe(old.id);
    expect((await two.current()).id).toBe(next.id);

    runtime.clock.advance(900_000);
    expect(await kids(one)).toEqual(published);
    runtime.clock.advance(60_000);
    expect(await kids(one)).toEqual([next.id]);
  });

  test('with a new TOKEN_SECRET sign with a new key, and still publish the old one', async () => {
    const old = await ring().current();
    const afterwards = ring('another secret, since the first one was seen by somebody');
    const next = await afterwards.current();
    expect(next.id).not.toBe(old.id);
    expect(await kids(afterwards)).toEqual(expect.arrayContaining([old.id, next.id]));
    expect(await afterwards.find(old.id)).toBeNull();
  });

  test('keep no private key in clear', async () => {
    const { privateKey } = await ring().current();
    const clear = privateKey.export({ format: 'jwk' }).d as string;
    const [row] = await runtime.database.$queryRaw<{ text: string; sealed: Buffer }[]>`
      SELECT k::text AS text, private_key AS sealed FROM signing_key k`;
    expect(row?.text).not.toContain(clear);
    expect(row?.sealed.includes(Buffer.from(clear, 'base64url'))).toBe(false);
  });
});
