import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aNewClient } from '../clients/client.ts';
import { anotherCode, askForCode, codeIn, codeTo, enterCode } from '../codes.ts';
import { signatureOf } from '../device.ts';
import { confirm, resubmit, submit } from '../mobile-app.ts';
import { operate, operatorTries } from '../operator.ts';
import { aCustomer, anEmail, aPassword, aPhone, operatorBearer, signIn } from '../people.ts';
import { type SmsGateway, startSmsGateway } from '../sms-gateway.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { aSubscriber, validate } from '../subscriber/site.ts';
import { type OverheardSystem, overhearing, type Piece, startOverheardSystem } from './eavesdropper.ts';
import { openSecretBook } from './secret-book.ts';

const { keep, of, found } = openSecretBook();

let sms: SmsGateway;
let overheard: OverheardSystem;
let client: HttpClient;
let said: Piece[];
const refusals: string[] = [];

const mobile = '/api/client/mobile/1.0';

beforeAll(async () => {
  sms = await startSmsGateway();
  overheard = await startOverheardSystem({ MESSAGE_PROVIDERS: sms.settings() });
  const spoken = httpClient(overheard.system.gateway);
  client = overhearing(spoken, refusals);
  keep('password of the SMS gateway', sms.password);
  await signInByCode();
  await changeContacts();
  await signUpAsAnApp();
  await keepClients();
  await forgetAPassword();
  await complain();
  await signInAsSubscriber();
  await comeWithAKey();
  await leave();
  keep('code by SMS', ...sms.calls.map((call) => codeIn(call)));
  said = await overheard.everything();
}, 240_000);
afterAll(async () => {
  await overheard?.stop();
  await sms?.close();
}, 60_000);

const codeBySms = (phone: string, nth = 1) =>
  until(
    () => {
      const codes = sms.calls.filter(({ to }) => to === phone).flatMap((call) => codeIn(call) ?? []);
      return codes.length >= nth ? codes.at(-1) : undefined;
    },
    { timeoutMs: 15_000, message: `no code number ${nth} to ${phone}` },
  );

/** As secret as the right one: it is one away from it. */
const wrong = (code: string) => {
  const other = anotherCode(code);
  keep('wrong code', other);
  return other;
};

async function signInByCode(): Promise<void> {
  const asked = await askForCode(client);
  const code = await codeBySms(asked.phone);
  await enterCode(asked, wrong(code), client);
  await client.post(`/auth/verify-code?code=${code}`, { ...asked, code: Number(code) });
  await client.post(`/auth/verify-code/${code}`, { code });
  await client.get(`/auth/verify-code?requestId=${asked.requestId}&code=${code}`);
  await client.post('/auth/verify-code', `{"code":"${code}",`);
  await client.post('/auth/verify-code', { ...asked, code, otp: code });
  const { status, body } = await enterCode(asked, code, client);
  expect(status).toBe(201);
  keep('access token', body.tokens.accessToken);
  keep('refresh token', body.tokens.refreshToken);
  expect((await enterCode(asked, code, client)).status).toBe(404);
}

async function changeContacts(): Promise<void> {
  const { registration, auth } = await aCustomer({}, client);
  const { phone, password } = registration;
  keep('password', password, `${password}!`);
  keep('access token', auth.bearer);
  for (const [contact, value] of [
    ['phone', aPhone()],
    ['email', anEmail()],
  ] as const) {
    await client.post(`/me/${contact}`, { [contact]: value, password: `${password}!` }, auth);
    const asked = await client.post<{ requestId: string }>(`/me/${contact}`, { [contact]: value, password }, auth);
    expect(asked.status, asked.text).toBe(201);
    const code = contact === 'phone' ? await codeBySms(value) : await codeTo(value, client);
    if (contact === 'email') keep('code by mail', code);
    const { requestId } = asked.body;
    await client.post(`/me/${contact}/confirm`, { requestId, code: wrong(code) }, auth);
    await client.post(`/me/${contact}/confirm?code=${code}`, { requestId, code, more: code }, auth);
    expect((await client.post(`/me/${contact}/confirm`, { requestId, code }, auth)).status).toBe(201);
  }
  const newPassword = aPassword();
  keep('password', newPassword);
  await client.post('/me/password', { currentPassword: newPassword, newPassword }, auth);
  await client.post('/me/password', { currentPassword: password, newPassword, again: newPassword }, auth);
  expect((await client.post('/me/password', { currentPassword: password, newPassword }, auth)).status).toBe(201);
  await signIn(phone, newPassword, randomUUID(), client);
}

async function signUpAsAnApp(): Promise<void> {
  const phone = aPhone();
  const { id } = (await submit(phone, client)).body;
  const first = await codeBySms(phone);
  await until(async () => (await resubmit(id, client)).status === 200);
  const code = await codeBySms(phone, 2);
  await confirm(id, first, client);
  await confirm(id, wrong(code), client);
  const headers = { 'hive-profile': 'demo' };
  await client.post(`${mobile}/registration/confirm?id=${id}&code=${code}`, { code }, { headers });
  await client.get(`${mobile}/registration/confirm?id=${id}&code=${code}`);
  await client.get(`${mobile}/registration/confirm?id=${id}&code=${code}&code=${code}`, { headers });
  await client.get(`${mobile}/registration/confirm/${code}`, { headers });
  const { status, body } = await confirm(id, code, client);
  expect(status).toBe(200);
  keep('device key', body.key);
  const app = { id: String(body.id), key: body.key, profile: 'demo' };
  const sign = (path: string, method = 'GET') => {
    const signed = signatureOf(app, { path, method });
    keep('signature', signed.authentication.split(':')[2]);
    return signed;
  };

  const position = '47.90771234 106.88321234';
  keep('position', ...position.split(' '));
  const account = `${mobile}/account`;
  const signed = { ...sign(account), 'x-hive-gps-position': position };
  expect((await client.get(account, { headers: signed })).status).toBe(200);
  await client.get(account, { headers: signed });
  await client.get(account, { headers: { ...sign(account), 'x-hive-gps-position': `${position} here` } });
  await client.get(account, { headers: { ...sign(account), authorization: `Bearer ${body.key}` } });
  for (const path of [account, '/me', '/products', '/nowhere', '/admin/customers']) {
    const good = sign(path);
    await client.get(path, { headers: { ...good, authentication: good.authentication.replace('hmac', 'hmac2') } });
    await client.get(path, { headers: { ...good, authentication: `${good.authentication}:${body.key}` } });
    await client.get(path, { headers: { ...good, 'x-hive-date': 'yesterday' } });
    await client.get(path, { headers: { ...good, authentication: good.authentication.replace(/\d+/, '1') } });
  }

  const token = `canary-push-token-${randomUUID()}`;
  keep('push token', token);
  const fcm = `${mobile}/registration/fcm`;
  await client.post(fcm, { token, again: token }, { headers: sign(fcm, 'POST') });
  await client.post(fcm, `{"token":"${token}`, { headers: { ...sign(fcm, 'POST'), 'content-type': 'text/plain' } });
  await client.post(fcm, { token: [token] }, { headers: sign(fcm, 'POST') });
  expect((await client.post(fcm, { token }, { headers: sign(fcm, 'POST') })).status).toBe(200);
  await client.get('/me/devices', { headers: sign('/me/devices') });
  await client.get('/me/sessions', { headers: sign('/me/sessions') });
  const exported = await client.post('/me/export', undefined, { headers: sign('/me/export', 'POST') });
  expect(exported.status, exported.text).toBe(201);
  refusals.push(exported.text);
}

async function keepClients(): Promise<void> {
  const somebody = aNewClient();
  const { email, password } = somebody;
  keep('password', password, `${password}?`);
  const made = await client.post<{ client_id: string }>('/api/v1/clients', somebody);
  expect(made.status, made.text).toBe(201);
  const own = `/api/v1/clients/${made.body.client_id}`;
  await client.post('/api/v1/clients', somebody);
  await client.post('/api/v1/clients', { ...somebody, password: [password] });
  await client.post('/api/v1/clients', `{"password":"${password}`);
  const { body } = await signIn(email, password, randomUUID(), client);
  const auth = { bearer: body.tokens.accessToken };
  keep('access token', auth.bearer);
  keep('refresh token', body.tokens.refreshToken);
  for (const guess of [`${password}?`, password]) await client.post(`${own}/password/check`, { password: guess }, auth);
  await client.post(`${own}/password/check?password=${encodeURIComponent(password)}`, { pasword: password }, auth);
  const another = aPassword();
  keep('password', another);
  await client.patch(`${own}/password`, { password: another, old: password }, auth);
  expect((await client.patch(`${own}/password`, { password: another }, auth)).status).toBe(200);
}

/** Of an account whose phone is proved and whose address is not: the link goes to the phone. */
async function forgetAPassword(): Promise<void> {
  const { registration } = await aCustomer({}, client);
  const asked = await askForCode(client, registration.phone);
  expect((await enterCode(asked, await codeBySms(registration.phone), client)).status).toBe(201);
  await client.post('/auth/forgot-password', { email: registration.email });
  const token = await until(
    () =>
      sms.calls
        .flatMap(({ to, text }) => (to === registration.phone ? /token=([\w.-]+)/.exec(text)?.[1] : []))
        .find(Boolean),
    { timeoutMs: 15_000, message: 'no link by SMS' },
  );
  keep('reset token', token);
  const newPassword = aPassword();
  keep('password', newPassword);
  await client.post('/auth/reset-password', { token: `${token}x`, newPassword });
  expect((await client.post('/auth/reset-password', { token, newPassword })).status).toBe(201);
}

async function signInAsSubscriber(): Promise<void> {
  const { clientId, phone } = await aSubscriber(client);
  const asked = await client.post('/register', { clientId });
  expect(asked.status, asked.text).toBe(200);
  const named = { headers: { 'x-verification': String(asked.headers.get('x-verification')) } };
  const code = await codeBySms(phone);
  await validate(Number(wrong(code)), named, client);
  await client.post(`/validate?code=${code}`, { code: Number(code), again: code }, named);
  await client.post('/validate', `{"code":${code}`, named);
  await client.post('/validate', { code }, { headers: { ...named.headers, cookie: `verification=${code}` } });
  await client.get(`/validate/${code}`, named);
  const entered = await validate(Number(code), named, client);
  expect(entered.status, entered.text).toBe(200);
  const token = String(entered.headers.get('authorization')).replace('Bearer ', '');
  keep('site token', token);

  const cookie = `session=${token}`;
  const wrongly: Record<string, string>[] = [
    { cookie: `${cookie}; ${cookie}x` },
    { authorization: `Bearer ${token}x` },
  ];
  for (const headers of [{ cookie }, ...wrongly]) {
    for (const path of ['/me', '/nowhere', '/admin/customers', `/validate?token=${token}`])
      await client.get(path, { headers });
  }
  const foreign = { headers: { cookie, 'sec-fetch-site': 'cross-site' } };
  expect((await client.post('/auth/logout', { token }, foreign)).status).toBe(403);
  const papers = '60099887712';
  keep('number of papers', papers);
  const guest = { isUser: false, fisrtName: 'Нино', lastName: 'Беридзе', phoneNumber: 599_000_000, productId: 2 ** 40 };
  await client.post('/order', { ...guest, personalNumber: Number(papers) });
  await client.post('/order', { ...guest, personalNumber: papers });
  expect((await client.post('/auth/logout', undefined, { headers: { cookie } })).status).toBe(204);
}

async function comeWithAKey(): Promise<void> {
  const wish = { name: randomUUID(), roles: ['partner'] };
  const made = await operate<{ account: { id: string }; key: string }>('post', '/admin/service-accounts', wish, client);
  const own = `/admin/service-accounts/${made.account.id}`;
  const { key } = await operate<{ key: string }>('post', `${own}/rotate`, {}, client);
  keep('service key', made.key, key);
  for (const bearer of [made.key, key, `${key}x`]) {
    for (const path of ['/products/sync', '/me', '/admin/customers', `/products/sync?key=${key}`])
      await client.get(path, { bearer });
  }
  await operatorTries('post', '/admin/service-accounts', { ...wish, key }, client);
  await operate('post', `${own}/revoke`, undefined, client);
}

/** To whoever reads what the provider said of it. */
async function complain(): Promise<void> {
  const phone = aPhone();
  sms.complainAbout(phone);
  await askForCode(client, phone);
  await until(() => sms.calls.some(({ to, state }) => to === phone && state === 'refused'));
  await client.get(`/admin/customers?search=${encodeURIComponent(phone)}`, await operatorBearer(client));
}

async function leave(): Promise<void> {
  const { registration, auth } = await aCustomer({}, client);
  const { password } = registration;
  keep('password', password);
  await client.delete('/me', auth, { password: `${password} `, because: password });
  expect((await client.delete('/me', auth, { password })).status).toBe(204);
}

const from = (kind: string) => said.filter(({ where }) => where.startsWith(`${kind} `));

test('everything was said, and listened to', () => {
  for (const kind of [
    'code by SMS',
    'code by mail',
    'wrong code',
    'device key',
    'push token',
    'signature',
    'reset token',
    'site token',
    'service key',
    'number of papers',
  ])
    expect(of(kind).length, kind).toBeGreaterThan(0);
  expect(refusals.length).toBeGreaterThan(50);
  expect(from('trace').length).toBeGreaterThan(2);
  expect(from('metrics').some(({ text }) => text.includes('identity_codes_total'))).toBe(true);
  expect(from('log').some(({ text }) => text.includes('/registration/confirm'))).toBe(true);
  for (const table of ['message', 'message_call', 'code_request', 'audit_entry', 'device_key', 'outbox'])
    expect(from('table').filter(({ where }) => where === `table identity.${table}`).length, table).toBeGreaterThan(0);
  // What is looked for can be found, as the one place shows where a code by mail stands in development.
  expect(
    found(from('table')).some((line) => line.startsWith('code by mail in table identity.development_message')),
  ).toBe(true);
});

test.each(['log', 'trace', 'metrics'])('no secret is in any %s', (kind) => {
  expect(found(from(kind)).slice(0, 20)).toEqual([]);
});

test('a message between services holds no secret but the header or token that is asked about, as it was sent', () => {
  const asked = (kind: string, { where }: Piece) =>
    ((kind === 'signature' || kind === 'device key') && where.includes('identity.credential.exchange')) ||
    ((kind === 'site token' || kind === 'service key') && where.includes('identity.token.exchange'));
  expect(found(from('nats'), asked).slice(0, 20)).toEqual([]);
});

/** What must be kept to be used, and where. */
const kept: Readonly<Record<string, readonly string[]>> = {
  'identity.signed_request': ['signature'],
  'identity.device_key': ['push token'],
  'identity.development_message': ['code by mail'],
};

test('no table holds a secret: not the messages, not what providers said, not the audit', () => {
  const needed = (kind: string, { where }: Piece) => kept[where.replace('table ', '')]?.includes(kind) ?? false;
  expect(found(from('table'), needed).slice(0, 20)).toEqual([]);
});

test('no refusal and no export says one', () => {
  expect(found(refusals.map((text) => ({ where: 'an answer', text }))).slice(0, 20)).toEqual([]);
});
