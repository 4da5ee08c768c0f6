import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPasswordHasher } from './hasher.ts';
import { assertUncommon, fingerprintOf } from './password.ts';

test.each(['123456', 'password', 'qwerty', 'PassWord1', 'letmein1'.slice(0, 7)])('%s is refused', (password) => {
  expect(() => assertUncommon(password)).toThrow(expect.objectContaining({ code: 'password_common' }));
});

test.each(['three grey herons', 'operator-demo', 'Кобзар-1840', '💧💧💧'])('%s is accepted', (password) => {
  expect(() => assertUncommon(password)).not.toThrow();
});

test('a fingerprint changes with the hash', () => {
  expect(fingerprintOf('a')).toMatch(/^[0-9a-f]{16}$/);
  expect(fingerprintOf('a')).not.toBe(fingerprintOf('b'));
});

describe('the hasher', () => {
  afterEach(() => void vi.useRealTimers());

  test('knows a password again, and only it', async () => {
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 1 });
    const passwordHash = await hasher.hash('three grey herons');
    expect(await hasher.verify(passwordHash, 'three grey herons')).toBe(true);
    expect(await hasher.verify(passwordHash, 'three grey heron')).toBe(false);
    expect(await hasher.verify(null, 'three grey herons')).toBe(false);
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(hasher.needsRehash(passwordHash)).toBe(false);
    expect(hasher.needsRehash(passwordHash.replace('t=2', 't=1'))).toBe(true);
  });

  test('lets few in at once, some wait, and tells the rest to come later', async () => {
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 3 });
    const flood = await Promise.allSettled(Array.from({ length: 10 }, () => hasher.hash('three grey herons')));
    expect(flood.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    for (const refused of flood.slice(4)) {
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'overloaded', retryAfterSeconds: 2 } });
    }
    expect(hasher.waiting()).toBe(0);
    expect(await hasher.verify(null, 'afterwards there is room again')).toBe(false);
  });

  test('does not let anybody wait longer than they would themselves', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 5 });
    const [first, second, third] = [1, 2, 3].map(() => hasher.hash('three grey herons'));
    vi.advanceTimersByTime(3_000);
    for (const late of [second, third])
      await expect(late).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 2 });
    expect(await first).toMatch(/^\$argon2id\$/);
    expect(hasher.waiting()).toBe(0);
    expect(await hasher.verify(null, 'afterwards there is room again')).toBe(false);
  });

  test('lets few be at work at once: the others have begun nothing while they wait', async () => {
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 20 });
    const gate = Promise.withResolvers<void>();
    const begun = vi.fn(() => gate.promise);
    const all = Array.from({ length: 10 }, () => hasher.admit(begun));
    expect(begun).toHaveBeenCalledTimes(4);
    expect(hasher.waiting()).toBe(6);
    gate.resolve();
    await Promise.all(all);
    expect(begun).toHaveBeenCalledTimes(10);
    expect(hasher.waiting()).toBe(0);
  });

  test('admits as much work as can have its turn, and refuses the rest before it begins', async () => {
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 2 });
    const begun = vi.fn(() => hasher.verify(null, 'guessing'));
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.admit(begun)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled'],
      ...['rejected', 'rejected'],
    ]);
    expect(outcomes[4]).toMatchObject({ reason: { code: 'overloaded', retryAfterSeconds: 2 } });
    expect(begun).toHaveBeenCalledTimes(3);
    await expect(hasher.admit(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(hasher.admit(begun)).resolves.toBe(false);
  });

  test('leaves its place to the next when one fails', async () => {
    const hasher = await createPasswordHasher({ concurrency: 1, queue: 5 });
    const [broken, next] = await Promise.allSettled([
      hasher.verify('no hash at all', 'x'),
      hasher.hash('three grey herons'),
    ]);
    expect([broken.status, next.status]).toEqual(['rejected', 'fulfilled']);
  });
});
