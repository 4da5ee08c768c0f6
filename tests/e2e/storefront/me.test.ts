import { describe, expect, test } from 'vitest';
import { aCustomer, anEmail, signIn } from '../people.ts';
import { type Call, gateway } from '../storefront-client.ts';
import { Customer, type Refusal, refusal } from '../storefront-shapes.ts';

const notSignedIn: [string, Call][] = [
  ['no bearer', {}],
  ['garbage', { bearer: 'garbage' }],
  ['an unsigned JWT', { bearer: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiI2NWYxYTJiM2M0ZDVlNmY3YThiOWMwMDEifQ.' }],
  ['another scheme', { headers: { authorization: 'Basic aXZhbjpzZWNyZXQ=' } }],
];

describe('GET /me', () => {
  test('is the customer, eight keys', async () => {
    const { auth, customer } = await aCustomer();
    const { status, body } = await gateway.get('/me', auth);
    expect(status).toBe(200);
    expect(Customer.parse(body)).toEqual(customer);
  });

  test.each(notSignedIn)('is a 401 with %s', async (_, call) => {
    const { status, body } = await gateway.get('/me', call);
    expect(status).toBe(401);
    expect(body).toEqual(refusal(401, expect.any(String)));
  });

  test('a token whose payload was changed is a 401', async () => {
    const { auth } = await aCustomer();
    const [header, payload = '', signature] = auth.bearer.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, roles: ['operator'] })).toString('base64url');
    expect((await gateway.get('/me', { bearer: [header, forged, signature].join('.') })).status).toBe(401);
  });
});

describe('PATCH /me', () => {
  test('changes the name alone, and answers the changed customer', async () => {
    const { auth, customer } = await aCustomer();
    const { status, body } = await gateway.patch<Customer>('/me', { name: 'Марія' }, auth);
    expect(status).toBe(200);
    expect(Customer.parse(body)).toEqual({ ...customer, name: 'Марія', updatedAt: expect.any(String) });
    expect((await gateway.get('/me', auth)).body).toEqual(body);
  });

  test('changes the e-mail alone: the new one signs in, the old one is free again', async () => {
    const { auth, registration } = await aCustomer();
    const email = anEmail('maria');
    const { body } = await gateway.patch<Customer>('/me', { email }, auth);
    expect(body).toMatchObject({ email, name: 'Іван' });
    expect((await signIn(email, registration.password)).status).toBe(201);
    expect((await signIn(registration.email, registration.password)).status).toBe(401);
    await aCustomer({ email: registration.email });
  });

  test('an empty change changes nothing', async () => {
    const { auth, customer } = await aCustomer();
    const { status, body } = await gateway.patch<Customer>('/me', {}, auth);
    expect(status).toBe(200);
    expect(body).toEqual({ ...customer, updatedAt: expect.any(String) });
  });

  test('an e-mail that somebody else has is a 409', async () => {
    const [one, other] = await Promise.all([aCustomer(), aCustomer()]);
    const { status, body } = await gateway.patch('/me', { email: one.registration.email.toUpperCase() }, other.auth);
    expect(status).toBe(409);
    expect(body).toEqual(refusal(409, 'Email вже зайнятий'));
  });

  test('the e-mail that one has already is no conflict', async () => {
    const { auth, registration } = await aCustomer();
    expect((await gateway.patch('/me', { email: registration.email.toUpperCase() }, auth)).status).toBe(200);
  });

  test.each([
    ['name', { name: 'n'.repeat(121) }],
    ['name', { name: 5 }],
    ['email', { email: 'ivan' }],
    ['email', { email: 5 }],
  ])('a bad %s is a 400 that names it: %j', async (field, change) => {
    const { auth, customer } = await aCustomer();
    const { status, body } = await gateway.patch<Refusal<string[]>>('/me', change, auth);
    expect(status).toBe(400);
    expect(body.message.every((phrase) => phrase.startsWith(`${field} `))).toBe(true);
    expect((await gateway.get('/me', auth)).body).toEqual(customer);
  });

  test.each(['phone', 'password', 'roles', 'isPhoneVerified'])('%s cannot be changed here', async (field) => {
    const { auth } = await aCustomer();
    const { status, body } = await gateway.patch('/me', { [field]: '+380671112233' }, auth);
    expect(status).toBe(400);
    expect(body).toEqual(refusal(400, [`property ${field} should not exist`]));
  });

  test.each(notSignedIn)('is a 401 with %s, before it says anything about the body', async (_, call) => {
    const { status, body } = await gateway.patch('/me', { nonsense: true }, call);
    expect(status).toBe(401);
    expect(body).toEqual(refusal(401, expect.any(String)));
  });
});
