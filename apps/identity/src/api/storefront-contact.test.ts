import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer, aRegistration, logIn, type SignedIn } from '../../test/builders.ts';
import { actsOn, toldOf } from '../../test/clients.ts';
import { anotherCode, aPhone, codeTo } from '../../test/codes.ts';
import { type Answer, startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aCodeLogin } from '../../test/phone-login.ts';

let identity: TestIdentity;
let customer: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());
beforeEach(async () => {
  customer = await aCustomer(identity);
});

type Who = Pick<SignedIn, 'accessToken'>;
const post = (path: string, body: unknown, { accessToken: token }: Who = customer) =>
  identity.call('POST', path, { body, token });
const me = async ({ accessToken: token }: Who = customer) => (await identity.call('GET', '/me', { token })).body;
const rowOf = ({ id }: Pick<SignedIn, 'id'>) => identity.deps.db.customer.findUniqueOrThrow({ where: { id } });

const contacts = { phone: aPhone, email: () => aRegistration().email };
type Contact = keyof typeof contacts;
const provedAt = { phone: 'phoneVerifiedAt', email: 'emailVerifiedAt' } as const;
const changed = { phone: 'phone.changed', email: 'email.changed' } as const;

/** Asks, and reads the code. */
async function asked(contact: Contact, value: string, who: SignedIn = customer) {
  const { status, body } = await post(`/me/${contact}`, { [contact]: value, password: who.password }, who);
  expect(status).toBe(201);
  return { requestId: body.requestId as string, code: await codeTo(identity, value) };
}
async function proved(contact: Contact, value: string, who: SignedIn = customer): Promise<Answer> {
  return post(`/me/${contact}/confirm`, await asked(contact, value, who), who);
}

describe.each(['phone', 'email'] as const)('a new %s', (contact) => {
  test('is the customer’s once the code is right, proved, told, written down; and the old one no more', async () => {
    const value = contacts[contact]();
    const request = await asked(contact, value);
    expect((await me())[contact]).toBe(customer[contact]);

    const { status, body } = await post(`/me/${contact}/confirm`, request);
    expect(status).toBe(201);
    expect(body).toEqual(await me());
    expect(body[contact]).toBe(value);
    expect((await rowOf(customer))[provedAt[contact]]).toEqual(identity.deps.clock());
    expect(await toldOf(identity, 'identity.customer.changed.v1', customer.id)).toMatchObject([
      { version: 2, [contact]: value },
    ]);
    expect((await actsOn(identity, customer.id)).map(({ act }) => act)).toEqual([
      changed[contact],
      `${contact}.proved`,
    ]);

    const login = (word: string) =>
      identity.call('POST', '/auth/login', { body: { login: word, password: customer.password, clientId: 'c' } });
    expect((await login(value)).status).toBe(201);
    expect((await login(customer[contact])).status).toBe(401);
  });

  test('answers how to go on, and is never to be kept', async () => {
    const answer = await post(`/me/${contact}`, { [contact]: contacts[contact](), password: customer.password });
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'cache-control': 'no-store' },
      body: { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/), expiresInSec: 300 },
    });
    expect(answer.body.resendDelaySec).toBeGreaterThan(0);
  });

  test('needs the password: without it, or with a wrong one, nothing is sent', async () => {
    const value = contacts[contact]();
    expect(await post(`/me/${contact}`, { [contact]: value })).toMatchObject({ status: 403 });
    expect(await post(`/me/${contact}`, { [contact]: value, password: 'not the password' })).toMatchObject({
      status: 403,
      body: { statusCode: 403, message: 'Невірний пароль' },
    });
    expect(await identity.mailTo(value)).toEqual([]);
  });

  test('costs a guess at the password as much as a login', async () => {
    const guess = (password: string) => post(`/me/${contact}`, { [contact]: contacts[contact](), password });
    for (const n of [1, 2, 3, 4, 5]) expect((await guess(`guess ${n}`)).status).toBe(403);
    expect((await guess(customer.password)).status).toBe(429);
    await expect(logIn(identity, customer)).rejects.toThrow('429');
  });

  test('is asked for five times an hour, however many there are', async () => {
    const ask = () => post(`/me/${contact}`, { [contact]: contacts[contact](), password: customer.password });
    for (const _ of [1, 2, 3, 4, 5]) expect((await ask()).status).toBe(201);
    expect(await ask()).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
  });

  test('with a wrong code changes nothing; nor with a right one in another’s session', async () => {
    const other = await aCustomer(identity);
    const { requestId, code } = await asked(contact, contacts[contact]());
    const confirm = (word: string, who: Who) => post(`/me/${contact}/confirm`, { requestId, code: word }, who);
    expect((await confirm(anotherCode(code), customer)).status).toBe(400);
    expect((await confirm(code, other)).status).toBe(404);
    expect((await me())[contact]).toBe(customer[contact]);
    expect((await me(other))[contact]).toBe(other[contact]);
    expect((await confirm(code, customer)).status).toBe(201);
    expect((await confirm(code, customer)).status).toBe(404);
  });

  test('that another account has proved is theirs: a 409, told only to whoever reads the code', async () => {
    const other = await aCustomer(identity);
    expect((await proved(contact, other[contact], other)).status).toBe(201);
    identity.runtime.clock.advance(60_000);
    expect(await proved(contact, other[contact])).toMatchObject({ status: 409 });
    expect((await me(other))[contact]).toBe(other[contact]);
    expect((await me())[contact]).toBe(customer[contact]);
  });

  test('that another account only claimed is the prover’s; the other keeps the rest, and is told', async () => {
    const other = await aCustomer(identity);
    expect((await proved(contact, other[contact])).body[contact]).toBe(other[contact]);
    expect((await me(other))[contact]).toBeNull();
    expect(await toldOf(identity, 'identity.customer.changed.v1', other.id)).toMatchObject([
      { version: 2, [contact]: null },
    ]);
    expect(await actsOn(identity, other.id)).toMatchObject([
      { act: changed[contact], actorRole: 'system', facts: { reason: 'proved_by_another' } },
    ]);
    if (contact === 'phone') {
      expect(await identity.mailTo(other.email)).toMatchObject([
        { subject: 'Номер телефону вашого облікового запису підтвердив хтось інший' },
      ]);
    }
    const rest = contact === 'phone' ? other.email : other.phone;
    const login = { login: rest, password: other.password, clientId: other.clientId };
    expect((await identity.call('POST', '/auth/login', { body: login })).status).toBe(201);
  });

  test('of an account that would be left with neither is not taken', async () => {
    const other = await aCustomer(identity);
    const rest = contact === 'phone' ? { email: null } : { phone: null };
    await identity.deps.db.customer.update({ where: { id: other.id }, data: rest });
    expect((await proved(contact, other[contact])).status).toBe(409);
    expect((await me(other))[contact]).toBe(other[contact]);
  });

  test('that two accounts prove at once is one’s: the other hears a 409, and no third loses anything twice', async () => {
    const [another, holder] = [await aCustomer(identity), await aCustomer(identity)];
    const value = holder[contact];
    const first = await asked(contact, value);
    identity.runtime.clock.advance(60_000);
    const second = await asked(contact, value, another);
    const answers = await Promise.all([
      post(`/me/${contact}/confirm`, first),
      post(`/me/${contact}/confirm`, second, another),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const owners = [customer, another, holder].map(async (who) => (await me(who))[contact] === value);
    expect((await Promise.all(owners)).filter(Boolean)).toHaveLength(1);
    expect(await toldOf(identity, 'identity.customer.changed.v1', holder.id)).toHaveLength(1);
  });

  test('is confirmed once by four who enter the code at the same moment', async () => {
    const request = await asked(contact, contacts[contact]());
    const answers = await Promise.all(Array.from({ length: 4 }, () => post(`/me/${contact}/confirm`, request)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await toldOf(identity, 'identity.customer.changed.v1', customer.id)).toHaveLength(1);
  });
});

describe('what the account has already', () => {
  test('its phone is proved without a password and told, with a version of its own; sessions and password stay', async () => {
    const { status, body } = await post('/me/phone', {});
    expect(status).toBe(201);
    const code = await codeTo(identity, customer.phone);
    const answer = await post('/me/phone/confirm', { requestId: body.requestId, code });
    expect(answer).toMatchObject({ status: 201, body: { isPhoneVerified: true, phone: customer.phone } });
    expect(await toldOf(identity, 'identity.customer.changed.v1', customer.id)).toMatchObject([{ version: 2 }]);
    expect(await toldOf(identity, 'identity.customer.phone-verified.v1', customer.id)).toMatchObject([
      { version: 3, phone: customer.phone },
    ]);
    await logIn(identity, customer);
    expect((await me()).isPhoneVerified).toBe(true);
    expect((await post('/me/phone', {})).status).toBe(409);
  });

  test('its address is proved without a password', async () => {
    const { body } = await post('/me/email', { email: customer.email });
    const code = await codeTo(identity, customer.email);
    expect((await post('/me/email/confirm', { requestId: body.requestId, code })).status).toBe(201);
    expect((await rowOf(customer)).emailVerifiedAt).not.toBeNull();
  });

  test('a code for the phone proves no address, and the other way round', async () => {
    const { body } = await post('/me/phone', {});
    const code = await codeTo(identity, customer.phone);
    expect((await post('/me/email/confirm', { requestId: body.requestId, code })).status).toBe(404);
    expect((await post('/me/phone/confirm', { requestId: body.requestId, code })).status).toBe(201);
  });

  test('an old phone that was proved is told of the new one, and so is the address', async () => {
    await post('/me/phone', {});
    const [request] = await identity.deps.db.codeRequest.findMany({ where: { customerId: customer.id } });
    const code = await codeTo(identity, customer.phone);
    await post('/me/phone/confirm', { requestId: request?.id, code });
    identity.runtime.clock.advance(1000);
    await proved('phone', aPhone());
    expect((await identity.mailTo(customer.phone))[0]?.text).toBe('Номер телефону вашого облікового запису змінено');
    expect((await identity.mailTo(customer.email))[0]?.subject).toBe('Номер телефону вашого облікового запису змінено');
  });

  test('an account without a phone is asked for one', async () => {
    await identity.deps.db.customer.update({ where: { id: customer.id }, data: { phone: null } });
    expect(await post('/me/phone', {})).toMatchObject({
      status: 400,
      body: { message: ['phone should not be empty'] },
    });
  });
});

describe('POST /me/password', () => {
  const newPassword = 'four grey herons';

  test('with the current one: ends the other sessions, not this one, and is told by mail', async () => {
    const elsewhere = await logIn(identity, customer);
    const answer = await post('/me/password', { currentPassword: customer.password, newPassword });
    expect(answer).toMatchObject({ status: 201, body: { message: 'Пароль успішно змінено' } });
    expect((await me()).id).toBe(customer.id);
    const refreshed = await identity.call('POST', '/auth/refresh', { body: { refreshToken: elsewhere.refreshToken } });
    expect(refreshed.status).toBe(401);
    await expect(logIn(identity, customer)).rejects.toThrow('401');
    await logIn(identity, { ...customer, password: newPassword });
    expect((await identity.mailTo(customer.email))[0]?.subject).toBe('Ваш пароль змінено');
  });

  test.each([{}, { currentPassword: 'not the password' }])('with %j is a 403, and changes nothing', async (proof) => {
    expect((await post('/me/password', { ...proof, newPassword })).status).toBe(403);
    await logIn(identity, customer);
  });

  test('among the most used ones is a 400', async () => {
    const answer = await post('/me/password', { currentPassword: customer.password, newPassword: 'password1' });
    expect(answer.status).toBe(400);
  });

  test('the first one of an account without needs a login within 15 minutes', async () => {
    const { accessToken, phone, clientId } = await aCodeLogin(identity);
    const stale = await aCodeLogin(identity);
    identity.runtime.clock.advance(1000);
    expect((await post('/me/password', { newPassword }, { accessToken })).status).toBe(201);
    const login = { login: phone, password: newPassword, clientId };
    expect((await identity.call('POST', '/auth/login', { body: login })).status).toBe(201);
    expect((await identity.mailTo(phone))[0]?.text).toBe('Ваш пароль змінено');

    identity.runtime.clock.advance(16 * 60_000);
    const { body } = await identity.call('POST', '/auth/refresh', { body: { refreshToken: stale.refreshToken } });
    expect((await post('/me/password', { newPassword }, body)).status).toBe(403);
    expect((await post('/me/email', { email: aRegistration().email }, body)).status).toBe(403);
  });
});
