import { countStatements } from '@forecourt/testing';
import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aCustomer, anOperator, aRegistration, type SignedIn } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const logIn = (body: unknown, options: Parameters<TestIdentity['call']>[2] = {}) =>
  identity.call('POST', '/auth/login', { ...options, body });
const attempt = (login: string, password: string, clientId = 'another-browser') => logIn({ login, password, clientId });
const right = ({ email, password, clientId }: SignedIn) => logIn({ login: email, password, clientId });
const wrong = { statusCode: 401, message: 'Невірний логін або пароль', error: 'Unauthorized' };

test.each([
  ['the e-mail address in any letters', ({ email }: SignedIn) => ` ${email.toUpperCase()} `],
  ['the phone in E.164', ({ phone }: SignedIn) => phone],
  ['the phone as dialled at home', ({ phone }: SignedIn) => phone.replace('+38', '')],
])('%s logs in, with the answer of a registration', async (_, loginOf) => {
  const customer = await aCustomer(identity);
  identity.runtime.clock.advance(60_000);
  const { status, body } = await logIn({ ...pick(customer), login: loginOf(customer) });
  expect(status).toBe(201);
  expect(body).toStrictEqual({
    customer: {
      id: customer.id,
      phone: customer.phone,
      email: customer.email,
      name: null,
      isPhoneVerified: false,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      lastLoginAt: identity.deps.clock().toISOString(),
    },
    tokens: {
      accessToken: expect.any(String),
      accessTokenExpiresInSec: 900,
      tokenType: 'bearer',
      refreshToken: expect.any(String),
      refreshTokenExpiresInSec: 2_592_000,
    },
  });
  expect(body.tokens.refreshToken).not.toBe(customer.refreshToken);
});
const pick = ({ password, clientId }: SignedIn) => ({ password, clientId });

describe('whoever does not know the password', () => {
  test('cannot tell an unknown login from a wrong password: one body, one hash, the same statements', async () => {
    const { email } = await aCustomer(identity);
    const verify = vi.spyOn(identity.deps.hasher, 'verify');
    const seen = [];
    for (const login of [email, 'nobody@example.com', '+380500000001', 'neither of both']) {
      const { result, statements } = await countStatements(identity.runtime, () => attempt(login, 'not the password'));
      seen.push({ status: result.status, body: result.body, statements, hashes: verify.mock.calls.length });
      verify.mockClear();
    }
    verify.mockRestore();
    expect(seen[0]).toMatchObject({ status: 401, body: wrong, hashes: 1 });
    expect(seen[0]?.statements).toHaveLength(2);
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });

  test('has five tries, and then waits twice as long each time', async () => {
    const { email } = await aCustomer(identity);
    for (let n = 0; n < 5; n += 1)
      expect(await attempt(email, 'guess number n')).toMatchObject({ status: 401, body: wrong });
    for (const wait of [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]) {
      const refused = await attempt(email, 'guess number n');
      expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': String(wait) } });
      expect(refused.body.message).toBe('Забагато спроб, спробуйте пізніше');
      identity.runtime.clock.advance(wait * 1000);
      expect((await attempt(email, 'guess number n')).status).toBe(401);
    }
  });

  test('is counted for a login that nobody has, just the same', async () => {
    for (let n = 0; n < 5; n += 1) await attempt('noone@example.com', 'guess number n');
    expect((await attempt('noone@example.com', 'guess number n')).status).toBe(429);
  });

  test('costs no hash while they must wait', async () => {
    const { email } = await aCustomer(identity);
    for (let n = 0; n < 5; n += 1) await attempt(email, 'guess number n');
    const verify = vi.spyOn(identity.deps.hasher, 'verify');
    expect((await attempt(email, 'guess number n')).status).toBe(429);
    expect(verify).not.toHaveBeenCalled();
    verify.mockRestore();
  });

  test('keeps nobody from a 401 who mistypes a login in another way', async () => {
    for (let n = 0; n < 6; n += 1) await attempt('0971', 'guess number n');
    expect((await attempt('0971', 'guess number n')).status).toBe(429);
    expect(await attempt('0971 11', 'guess number n')).toMatchObject({ status: 401, body: wrong });
  });

  test('gains nothing from guessing in parallel', async () => {
    const { email } = await aCustomer(identity);
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => attempt(email, `guess number ${n}`)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25);
  });

  test('gains nothing from other browsers, and keeps nobody out of a browser that the account knows', async () => {
    const customer = await aCustomer(identity);
    for (let n = 0; n < 6; n += 1) await attempt(customer.email, 'guess number n', `browser-${n}`);
    expect((await attempt(customer.email, customer.password, 'browser-7')).status).toBe(429);
    expect((await right(customer)).status).toBe(201);
  });
});

test('the right password clears the count', async () => {
  const { email, password } = await aCustomer(identity);
  for (let round = 0; round < 2; round += 1) {
    for (let n = 0; n < 4; n += 1) expect((await attempt(email, 'guess number n', `new-${round}`)).status).toBe(401);
    expect((await attempt(email, password, `new-${round}`)).status).toBe(201);
  }
});

test('a count is forgotten after a day without attempts', async () => {
  const { email } = await aCustomer(identity);
  for (let n = 0; n < 5; n += 1) await attempt(email, 'guess number n');
  identity.runtime.clock.advance(24 * 3_600_000);
  for (let n = 0; n < 5; n += 1) expect((await attempt(email, 'guess number n')).status).toBe(401);
});

test('one network address has a hundred tries in a quarter of an hour in production, a /64 counting as one', async () => {
  const strict = await startIdentity({ ADDRESS_LIMIT_SCALE: '1', PASSWORD_HASH_CONCURRENCY: '4' });
  vi.spyOn(strict.deps.hasher, 'verify').mockResolvedValue(false);
  const from = (address: string, n: number) =>
    strict.call('POST', '/auth/login', {
      body: { login: `a${n}@example.com`, password: 'guessing', clientId: 'c' },
      address,
    });
  for (let n = 0; n < 100; n += 1) expect((await from(`2001:db8::${n + 1}`, n)).status).toBe(401);
  expect(await from('2001:db8:0:0:ffff::1', 100)).toMatchObject({ status: 429, headers: { 'retry-after': '900' } });
  expect((await from('2001:db8:0:1::1', 101)).status).toBe(401);
  await strict.close();
});

test('when attempts cannot be counted, nobody is let in', async () => {
  const broken = await startIdentity();
  const customer = await aCustomer(broken);
  await broken.deps.database.$executeRaw`ALTER TABLE throttle RENAME TO gone`;
  const { email: login, password, clientId } = customer;
  expect((await broken.call('POST', '/auth/login', { body: { login, password, clientId } })).status).toBe(500);
  await broken.close();
});

test('a block is told only to who knows the password', async () => {
  const customer = await aCustomer(identity);
  const operator = await anOperator(identity);
  await identity.call('POST', `/admin/customers/${customer.id}/block`, { token: operator.accessToken });
  expect(await attempt(customer.email, 'not the password')).toMatchObject({ status: 401, body: wrong });
  expect(await right(customer)).toMatchObject({ status: 403, body: { message: 'Обліковий запис заблоковано' } });
});

test('a hash of older parameters is replaced at the next login, and still the same password', async () => {
  const customer = await aCustomer(identity);
  const where = { id: customer.id };
  const passwordHash = await hash(customer.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
  await identity.deps.db.customer.update({ where, data: { passwordHash } });
  expect((await right(customer)).status).toBe(201);
  const stored = await identity.deps.db.customer.findUniqueOrThrow({ where });
  expect(stored.passwordHash).toMatch(/m=8,t=1,p=1/);
  expect((await right(customer)).status).toBe(201);
});

test('a password that is changed while it is being checked opens nothing', async () => {
  const customer = await aCustomer(identity);
  const where = { customerId: customer.id };
  const { verify } = identity.deps.hasher;
  const before = await identity.deps.db.session.count({ where });
  const slow = vi.spyOn(identity.deps.hasher, 'verify').mockImplementation(async (passwordHash, password) => {
    const matches = await verify(passwordHash, password);
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { passwordHash: 'another one' } });
    return matches;
  });
  expect(await right(customer)).toMatchObject({ status: 401, body: wrong });
  slow.mockRestore();
  expect(await identity.deps.db.session.count({ where })).toBe(before);
});

test('logins beyond what can be hashed cost no statement, and count for nobody', async () => {
  const small = await startIdentity({ PASSWORD_HASH_CONCURRENCY: '1', PASSWORD_HASH_QUEUE: '1' });
  const customer = await aCustomer(small);
  const { email: login, password, clientId } = customer;
  const post = () => small.call('POST', '/auth/login', { body: { login, password, clientId } });

  // The first ones are still being hashed when the last one comes.
  const { verify } = small.deps.hasher;
  const allRefused = Promise.withResolvers<void>();
  vi.spyOn(small.deps.hasher, 'verify').mockImplementation(async (...args) => {
    await allRefused.promise;
    return verify(...args);
  });
  let refused = 0;
  const { result: answers, statements } = await countStatements(small.runtime, () =>
    Promise.all(
      Array.from({ length: 12 }, async () => {
        const answer = await post();
        if (answer.status === 503 && ++refused === 10) allRefused.resolve();
        return answer;
      }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, ...Array.from({ length: 10 }, () => 503)]);
  expect(answers.find(({ status }) => status === 503)).toMatchObject({ headers: { 'retry-after': '2' } });
  expect(statements).toHaveLength(2 * 3);
  expect((await post()).status).toBe(201);
  await small.close();
});

test('a login costs three statements', async () => {
  const customer = await aCustomer(identity);
  const { result, statements } = await countStatements(identity.runtime, () => right(customer));
  expect(result.status).toBe(201);
  expect(statements).toHaveLength(3);
});

test.each([
  [{ login: 'ab' }, ['login must be longer than or equal to 3 characters']],
  [{ login: 'a'.repeat(121) }, ['login must be shorter than or equal to 120 characters']],
  [{ password: '12345' }, ['password must be longer than or equal to 6 characters']],
  [{ clientId: '' }, ['clientId must be longer than or equal to 1 characters']],
  [{ remember: true }, ['property remember should not exist']],
  [{ login: { $gt: '' } }, ['login must be a string']],
])('%j → %j', async (bad, message) => {
  const { email: login, password, clientId } = aRegistration();
  expect(await logIn({ login, password, clientId, ...bad })).toMatchObject({
    status: 400,
    body: { statusCode: 400, message, error: 'Bad Request' },
  });
});

test('an attempt that a process counted whose clock is five minutes ahead makes nobody wait', async () => {
  const { email, password, clientId } = await aCustomer(identity);
  const now = identity.deps.clock();
  identity.runtime.clock.set(new Date(now.getTime() + 300_000));
  const wrong = await identity.call('POST', '/auth/login', {
    body: { login: email, password: 'a wrong one', clientId },
  });
  expect(wrong.status).toBe(401);
  identity.runtime.clock.set(now);
  expect((await identity.call('POST', '/auth/login', { body: { login: email, password, clientId } })).status).toBe(201);
});
