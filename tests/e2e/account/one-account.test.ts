import { expect, test } from 'vitest';
import { askForCode, codeTo, enterCode } from '../codes.ts';
import { signatureOf } from '../device.ts';
import { messageSaying } from '../mailbox.ts';
import { anApp } from '../mobile-app.ts';
import { aCustomer, anEmail, aPassword, aPhone, signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import type { Refusal } from '../storefront-shapes.ts';
import { asOwner, me, prove } from './account.ts';

const account = '/api/client/mobile/1.0/account';

test('an app’s customer signs in to the shop by a code, adds a password and an address, and is one person by all of them', async () => {
  const phone = aPhone();
  const app = await anApp(phone, (to) => codeTo(to));

  const asked = await askForCode(gateway, phone);
  const { status, body } = await enterCode(asked, await codeTo(phone, gateway, 2));
  expect(status).toBe(201);
  const auth = { bearer: body.tokens.accessToken };
  expect(body.customer).toMatchObject({ phone, email: null, isPhoneVerified: true });
  expect((await gateway.get<{ id: string }>('/me', { headers: signatureOf(app, { path: '/me' }) })).body.id).toBe(
    body.customer.id,
  );

  const [newPassword, email] = [aPassword(), anEmail()];
  expect((await gateway.post('/me/password', { newPassword }, auth)).status).toBe(201);
  expect((await gateway.post('/me/email', { email }, auth)).status).toBe(403);
  expect(await prove('email', email, { auth, password: newPassword })).toMatchObject({ status: 201, body: { email } });
  for (const login of [phone, email]) {
    expect((await signIn(login, newPassword)).body.customer.id).toBe(body.customer.id);
  }
});

test('a buyer with an address and a phone proves it in the app, and has one account; who lay in wait has none', async () => {
  const buyer = await aCustomer();
  const app = await anApp(buyer.registration.phone, (to) => codeTo(to));
  const signed = () => ({ headers: signatureOf(app, { path: '/me' }) });
  expect((await me(signed())).body).toMatchObject({
    id: buyer.customer.id,
    email: buyer.registration.email,
    isPhoneVerified: true,
  });

  // Nothing had proved that whoever chose the password has the phone.
  await messageSaying(buyer.registration.email, /\S/);
  expect((await signIn(buyer.registration.email, buyer.registration.password)).status).toBe(401);
  expect((await gateway.get(account, { headers: signatureOf(app, { path: account }) })).status).toBe(200);
});

test('a buyer who has proved the phone keeps password and sessions when an app comes', async () => {
  const buyer = await aCustomer();
  expect((await prove('phone', buyer.registration.phone, asOwner(buyer))).status).toBe(201);
  const app = await anApp(buyer.registration.phone, (to) => codeTo(to, gateway, 2));
  expect((await me({ headers: signatureOf(app, { path: '/me' }) })).body.id).toBe(buyer.customer.id);
  expect((await me(buyer.auth)).status).toBe(200);
  expect((await signIn(buyer.registration.email, buyer.registration.password)).status).toBe(201);
});

test('two accounts of one person are told of one another, and never made one in silence', async () => {
  const [buyer, other] = [await aCustomer(), await aCustomer()];
  await prove('phone', other.registration.phone, asOwner(other));
  const refused = await prove('phone', other.registration.phone, asOwner(buyer), 2);
  expect(refused).toMatchObject({
    status: 409,
    body: { message: 'Цей номер телефону вже зареєстровано' } satisfies Partial<Refusal>,
  });
  expect((await me(buyer.auth)).body.phone).toBe(buyer.registration.phone);
  expect((await me(other.auth)).body.phone).toBe(other.registration.phone);
});

test('a phone that somebody only claimed is its prover’s; the other account keeps its address, and hears of it', async () => {
  const [owner, claimant] = [await aCustomer(), await aCustomer()];
  const { phone, email, password } = claimant.registration;
  expect(await prove('phone', phone, asOwner(owner))).toMatchObject({ status: 201, body: { phone } });
  expect((await me(claimant.auth)).body).toMatchObject({ phone: null, email });
  await messageSaying(email, 'підтверджено в іншому обліковому записі');
  expect((await signIn(email, password)).body.customer.id).toBe(claimant.customer.id);
  expect((await signIn(phone, password)).status).toBe(401);
});

test('an app is listed and ended from the shop, and signs nothing any more', async () => {
  const buyer = await aCustomer();
  await prove('phone', buyer.registration.phone, asOwner(buyer));
  const app = await anApp(buyer.registration.phone, (to) => codeTo(to, gateway, 2));
  const { body } = await gateway.get<{ items: { id: string; kind: string }[] }>('/me/sessions', buyer.auth);
  expect(body.items.map(({ kind }) => kind).sort()).toEqual(['browser', 'device']);
  const device = body.items.find(({ kind }) => kind === 'device');
  expect((await gateway.delete(`/me/devices/${device?.id}`, buyer.auth)).status).toBe(204);
  expect((await gateway.get('/me', { headers: signatureOf(app, { path: '/me' }) })).status).toBe(401);
  expect((await me(buyer.auth)).status).toBe(200);
});
