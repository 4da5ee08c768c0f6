import { claimGuestOrders } from '@forecourt/contracts';
import { answer } from '@forecourt/messaging';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, aRegistration } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const register = (body: unknown, options: Parameters<TestIdentity['call']>[2] = {}) =>
  identity.call('POST', '/auth/register', { ...options, body });

test('the example of the document answers as printed', async () => {
  const { status, body } = await register({
    phone: '+380971112233',
    email: 'ivan@example.com',
    password: 'three grey herons',
    clientId: 'b6f7d7f0-5a0e-4f7e-8b2a-0a4b6f2f5c11',
    name: 'Іван',
    marketingOptIn: true,
  });
  expect(status).toBe(201);
  expect(body).toStrictEqual({
    customer: {
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      phone: '+380971112233',
      email: 'ivan@example.com',
      name: 'Іван',
      isPhoneVerified: false,
      createdAt: '2026-02-19T12:00:00.000Z',
      updatedAt: '2026-02-19T12:00:00.000Z',
      lastLoginAt: '2026-02-19T12:00:00.000Z',
    },
    tokens: {
      accessToken: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
      accessTokenExpiresInSec: 900,
      tokenType: 'bearer',
      refreshToken: expect.stringMatching(/^[\w-]{43}$/),
      refreshTokenExpiresInSec: 2_592_000,
    },
  });
});

test('a new customer has three identifiers, an event, and a password that only argon2id knows', async () => {
  const { id, phone, email, clientId } = await aCustomer(identity, { name: ' Олена ' });
  const row = await identity.deps.db.customer.findUniqueOrThrow({ where: { id } });
  expect(row).toMatchObject({ name: 'Олена', marketingOptIn: false, version: 1, roles: [], language: 'uk' });
  expect(row.uuid).toMatch(/^[0-9a-f-]{36}$/);
  expect(row.number).toBeGreaterThan(0n);
  expect(row.passwordHash).toMatch(/^\$argon2id\$/);

  const events = await identity.told('identity.customer.registered.v1');
  expect(events.filter(({ data }) => data.customerId === id)).toEqual([
    {
      subject: 'identity.customer.registered.v1',
      data: {
        customerId: id,
        version: 1,
        phone,
        email,
        name: 'Олена',
        language: 'uk',
        clientId,
        registeredAt: '2026-02-19T12:00:00.000Z',
      },
    },
  ]);
});

test.each([
  ['0671234501', '+380671234501'],
  ['+38 (067) 123-45-02', '+380671234502'],
  ['380671234503', '+380671234503'],
  ['+976 8666 1488', '+97686661488'],
])('the phone %s is kept as %s', async (phone, stored) => {
  const { body } = await register(aRegistration({ phone }));
  expect(body.customer.phone).toBe(stored);
});

describe('what somebody has', () => {
  test('an e-mail address in other letters is the same address', async () => {
    const { email } = await aCustomer(identity);
    expect(await register(aRegistration({ email: email.toUpperCase() }))).toMatchObject({
      status: 409,
      body: { statusCode: 409, message: 'Email вже зайнятий', error: 'Conflict' },
    });
  });

  test('a phone in another spelling is the same phone', async () => {
    await aCustomer(identity, { phone: '0501234567' });
    expect(await register(aRegistration({ phone: '+380 50 123 45 67' }))).toMatchObject({
      status: 409,
      body: { statusCode: 409, message: 'Цей номер телефону вже зареєстровано', error: 'Conflict' },
    });
  });

  test('a phone that signed up by code elsewhere, with no e-mail and no password, is not handed to whoever types it', async () => {
    const now = identity.deps.clock();
    await identity.deps.db.customer.create({
      data: {
        id: '65f1a2b3c4d5e6f7a8b9c0ff',
        uuid: '018dc2a0-0000-7000-8000-000000000001',
        phone: '+97699112233',
        phoneVerifiedAt: now,
        language: 'mn',
        roles: [],
        createdAt: now,
        updatedAt: now,
      },
    });
    const { status, body } = await register(aRegistration({ phone: '+97699112233' }));
    expect([status, body.message]).toEqual([409, 'Цей номер телефону вже зареєстровано']);
    expect(await identity.deps.db.customer.findUniqueOrThrow({ where: { phone: '+97699112233' } })).toMatchObject({
      email: null,
      passwordHash: null,
      version: 1,
    });
  });

  test('of twenty who register one e-mail address at once exactly one gets it', async () => {
    const { email } = aRegistration();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(aRegistration({ email }))));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect(status).toBe(409);
      expect(['Email вже зайнятий', 'Email або телефон вже зайнятий']).toContain(body.message);
    }
    const { id } = await identity.deps.db.customer.findUniqueOrThrow({ where: { email } });
    const events = await identity.told('identity.customer.registered.v1');
    expect(events.filter(({ data }) => data.email === email).map(({ data }) => data.customerId)).toEqual([id]);
    expect(await identity.deps.db.session.count({ where: { customerId: id } })).toBe(1);
  });

  test('of twenty who register one phone at once exactly one gets it', async () => {
    const { phone } = aRegistration();
    const answers = await Promise.all(Array.from({ length: 20 }, () => register(aRegistration({ phone }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
  });
});

describe('guest orders', () => {
  test('the answer comes after orders was asked to attach them, for this phone and browser', async () => {
    const { id, phone, clientId } = await aCustomer(identity);
    expect(identity.claims.at(-1)).toEqual({ customerId: id, phone, clientId });
  });

  test('without orders the registration succeeds all the same', async () => {
    identity.ordersAway = true;
    const { id } = await aCustomer(identity).finally(() => {
      identity.ordersAway = false;
    });
    expect(await identity.deps.db.customer.findUnique({ where: { id } })).not.toBeNull();
    expect(
      identity.runtime.logged.filter(({ level, customerId }) => level === 'warn' && customerId === id),
    ).toHaveLength(1);
  });

  test('nobody is asked about a registration that was refused', async () => {
    const { email } = await aCustomer(identity);
    const before = identity.claims.length;
    await register(aRegistration({ email }));
    expect(identity.claims).toHaveLength(before);
  });
});

describe('guest orders, asked for over NATS', () => {
  let connected: TestIdentity;
  beforeAll(async () => {
    connected = await startIdentity({}, { nats: true });
  });
  afterAll(() => connected.close());
  const timed = async () => {
    const start = performance.now();
    const customer = await aCustomer(connected);
    return { ...customer, seconds: (performance.now() - start) / 1000 };
  };

  test('nobody there is known at once', async () => {
    expect((await timed()).seconds).toBeLessThan(1);
  });

  test('the answer of orders is waited for', async () => {
    const heard: unknown[] = [];
    const answering = answer(connected.runtime.nats, claimGuestOrders, async (claim) => {
      heard.push(claim);
      return { claimed: 2 };
    });
    await connected.runtime.nats.connection.flush();
    const { id, phone, clientId } = await aCustomer(connected);
    expect(heard).toEqual([{ customerId: id, phone, clientId }]);
    await answering.close();
  });

  test('an orders that never answers is waited for no longer than a second and a half', async () => {
    const answering = answer(
      connected.runtime.nats,
      claimGuestOrders,
      (_claim, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('too late')))),
    );
    await connected.runtime.nats.connection.flush();
    const { seconds } = await timed();
    expect(seconds).toBeGreaterThan(1.4);
    expect(seconds).toBeLessThan(3);
    await answering.close();
  });
});

describe('bad input', () => {
  test.each([
    [
      { email: 'x', password: '12345' },
      ['email must be an email', 'password must be longer than or equal to 6 characters'],
    ],
    [{ phone: '1234' }, ['phone must be longer than or equal to 5 characters']],
    [{ phone: '1'.repeat(33) }, ['phone must be shorter than or equal to 32 characters']],
    [{ clientId: '' }, ['clientId must be longer than or equal to 1 characters']],
    [{ clientId: 'c'.repeat(65) }, ['clientId must be shorter than or equal to 64 characters']],
    [{ password: 'p'.repeat(129) }, ['password must be shorter than or equal to 128 characters']],
    [{ name: 'n'.repeat(121) }, ['name must be shorter than or equal to 120 characters']],
    [{ name: 'a\u0000b' }, ['name must not contain control characters']],
    [{ name: '\ud800' }, ['name must not contain control characters']],
    [{ marketingOptIn: 'yes' }, ['marketingOptIn must be a boolean value']],
    [{ isAdmin: true }, ['property isAdmin should not exist']],
    [{ roles: ['operator'] }, ['property roles should not exist']],
    [{ email: 7 }, ['email must be a string']],
    [{ password: null }, ['password must be a string']],
  ])('%j → %j', async (wrong, message) => {
    expect(await register({ ...aRegistration(), ...wrong })).toMatchObject({
      status: 400,
      body: { statusCode: 400, message, error: 'Bad Request' },
    });
  });

  test.each(['phone', 'email', 'password', 'clientId'])('%s is required', async (field) => {
    const { status, body } = await register({ ...aRegistration(), [field]: undefined });
    expect(status).toBe(400);
    expect(body.message).toEqual([expect.stringMatching(new RegExp(`^${field} `))]);
  });

  test('a phone that is none is refused in one sentence', async () => {
    const { status, body } = await register(aRegistration({ phone: '12345' }));
    expect([status, body.message]).toEqual([400, 'Invalid phone number format']);
  });

  test.each(['123456', 'password', 'QWERTY123'])(
    'the password %s, which everybody tries first, is refused',
    async (password) => {
      const { status, body } = await register(aRegistration({ password }));
      expect([status, body.message]).toEqual([400, 'Цей пароль надто поширений, оберіть інший']);
    },
  );

  test('a password is taken as typed, blanks included', async () => {
    const { email, clientId } = await aCustomer(identity, { password: '  heron  ' });
    const logIn = (password: string) =>
      identity.call('POST', '/auth/login', { body: { login: email, password, clientId } });
    expect((await logIn('  heron  ')).status).toBe(201);
    expect((await logIn('heron ')).status).toBe(401);
  });
});

test('a refusal speaks the language that was asked for', async () => {
  const { email } = await aCustomer(identity);
  const { body } = await register(aRegistration({ email }), { headers: { 'accept-language': 'en-GB, uk;q=0.5' } });
  expect(body.message).toBe('This e-mail is taken');
});

test('an account remembers the language that it was made in', async () => {
  const { body } = await register(aRegistration(), { headers: { 'accept-language': 'ka' } });
  const { language } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: body.customer.id } });
  expect(language).toBe('ka');
});

test('one network address makes twenty accounts an hour in production', async () => {
  const strict = await startIdentity({ ADDRESS_LIMIT_SCALE: '1' });
  await aCustomer(strict, { email: 'ivan@example.com' });
  const from = (address: string) =>
    strict.call('POST', '/auth/register', { body: aRegistration({ email: 'ivan@example.com' }), address });
  for (let attempt = 0; attempt < 20; attempt += 1) expect((await from('203.0.113.7')).status).not.toBe(429);
  const refused = await from('203.0.113.7');
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
  expect((await from('203.0.113.8')).status).toBe(409);
  strict.runtime.clock.advance(3_600_000);
  expect((await from('203.0.113.7')).status).toBe(409);
  await strict.close();
});
