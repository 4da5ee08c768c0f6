import { describe, expect, test } from 'vitest';
import { aCustomer, anEmail, aPassword, aPhone, aRegistration } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { type Refusal, refusal, SignedIn } from '../storefront-shapes.ts';

const register = (body: unknown) => gateway.post<SignedIn>('/auth/register', body);
const refused = (body: unknown) => gateway.post<Refusal<string[]>>('/auth/register', body);

describe('POST /auth/register', () => {
  test('answers 201 with the customer, eight keys, and the tokens, as printed', async () => {
    const registration = aRegistration();
    const { status, body } = await register(registration);
    expect(status).toBe(201);
    SignedIn.parse(body);
    const { customer, tokens } = body;
    expect(customer).toMatchObject({
      phone: registration.phone,
      email: registration.email,
      name: 'Іван',
      isPhoneVerified: false,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      lastLoginAt: expect.any(String),
    });
    expect(tokens).toMatchObject({
      accessTokenExpiresInSec: 900,
      tokenType: 'bearer',
      refreshTokenExpiresInSec: 2_592_000,
    });
  });

  test('the access token works at once, in every service', async () => {
    const { auth, customer } = await aCustomer();
    expect((await gateway.get('/me', auth)).body).toEqual(customer);
    expect((await gateway.get('/me/orders', auth)).body).toEqual({ items: [], page: 1, limit: 20, total: 0 });
  });

  test('the access token says it lives for fifteen minutes', async () => {
    const { tokens } = await aCustomer();
    const claims = JSON.parse(Buffer.from(tokens.accessToken.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.exp - claims.iat).toBe(900);
  });

  test('without a name, name is null', async () => {
    const { name: _, ...nameless } = aRegistration();
    expect((await register(nameless)).body.customer.name).toBeNull();
  });

  test('a phone written locally is a Ukrainian one, answered in E.164', async () => {
    const phone = aPhone();
    const local = `0${phone.slice(4, 6)} ${phone.slice(6, 9)}-${phone.slice(9, 11)}-${phone.slice(11)}`;
    expect((await register(aRegistration({ phone: local }))).body.customer.phone).toBe(phone);
  });

  test.each([
    ['marketingOptIn', { marketingOptIn: true }],
    ['marketingOptIn false', { marketingOptIn: false }],
    ['a name of 120 characters', { name: 'Ї'.repeat(120) }],
    ['a clientId of 1 character', { clientId: 'b' }],
    ['a clientId of 64 characters', { clientId: 'b'.repeat(64) }],
    ['a password of 6 characters', { password: 'qй7#Zw' }],
    ['a password of 128 characters', { password: aPassword().padEnd(128, 'ж') }],
  ])('%s is accepted', async (_, wishes) => {
    expect((await register(aRegistration(wishes))).status).toBe(201);
  });

  test.each([
    ['phone', 4, '1234'],
    ['phone', 33, `+38067${'1'.repeat(27)}`],
    ['phone', 'no phone number', 'not a phone'],
    ['phone', 'a number', 380_971_112_233],
    ['phone', 'null', null],
    ['email', 'no e-mail', 'ivan'],
    ['email', 'a number', 1],
    ['password', 5, '12345'],
    ['password', 129, 'p'.repeat(129)],
    ['password', 'an array', ['secret1']],
    ['clientId', 0, ''],
    ['clientId', 65, 'b'.repeat(65)],
    ['name', 121, 'n'.repeat(121)],
    ['name', 'a number', 7],
    ['marketingOptIn', 'a string', 'true'],
    ['marketingOptIn', 'a number', 1],
  ])('%s of %s is a 400 that names it', async (field, _, value) => {
    const { status, body } = await refused({ ...aRegistration(), [field]: value });
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, expect.anything()));
    expect(
      [body.message]
        .flat()
        .every((phrase) => phrase.startsWith(`${field} `) || phrase === 'Invalid phone number format'),
    ).toBe(true);
  });

  test.each(['phone', 'email', 'password', 'clientId'])('%s is required', async (field) => {
    const { status, body } = await refused({ ...aRegistration(), [field]: undefined });
    expect(status).toBe(400);
    expect(body.message).toEqual(expect.arrayContaining([expect.stringMatching(`^${field} `)]));
  });

  test('several broken rules are told together, one phrase each, as printed', async () => {
    const { status, body } = await refused({ ...aRegistration(), email: 'ivan', password: '12345' });
    expect(status).toBe(400);
    expect(body).toEqual(
      refusal(400, ['email must be an email', 'password must be longer than or equal to 6 characters']),
    );
  });

  test('a field that the call does not know is a 400', async () => {
    const { status, body } = await refused({ ...aRegistration(), x: 1 });
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, ['property x should not exist']));
  });

  test.each(['role', 'roles', 'isPhoneVerified', 'id', 'createdAt'])('nobody can give themselves %s', async (field) => {
    const { status, body } = await refused({ ...aRegistration(), [field]: 'operator' });
    expect(status).toBe(400);
    expect(body.message).toEqual([`property ${field} should not exist`]);
  });

  test('a taken e-mail is a 409, in whatever case it is written', async () => {
    const email = anEmail();
    await aCustomer({ email });
    const { status, body } = await refused(aRegistration({ email: email.toUpperCase() }));
    expect(status).toBe(409);
    expect(body).toEqual({ statusCode: 409, message: 'Email вже зайнятий', error: 'Conflict' });
  });

  test('a registered phone is a 409, in whatever way it is spelt', async () => {
    const { registration } = await aCustomer();
    const spelling = `0${registration.phone.slice(4)}`;
    const { status, body } = await refused(aRegistration({ phone: spelling }));
    expect(status).toBe(409);
    expect(body).toEqual({ statusCode: 409, message: 'Цей номер телефону вже зареєстровано', error: 'Conflict' });
  });

  test('a refused registration leaves nothing behind', async () => {
    const email = anEmail();
    await aCustomer({ email });
    const second = aRegistration({ email });
    await refused(second);
    expect((await register({ ...second, email: anEmail() })).status).toBe(201);
  });
});
