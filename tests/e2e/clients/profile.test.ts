import { expect, test } from 'vitest';
import { messageSaying, messagesTo } from '../mailbox.ts';
import { aCustomer, operatorBearer, signIn } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { aClient, aNewClient, aRussianPhone, type Client, call } from './client.ts';

const read = ({ token }: Pick<Client, 'token'>, body?: unknown) => call('GET', '/api/v1/clients', { token, body });
const patch = ({ clientId, token }: Pick<Client, 'clientId' | 'token'>, rest: string, body: unknown) =>
  call('PATCH', `/api/v1/clients/${clientId}${rest}`, { token, body });

test('the document’s client is made, and shown as printed', async () => {
  const created = await call('POST', '/api/v1/clients', {
    body: {
      first_name: 'имя',
      last_name: 'фамилия',
      email: 'pochta@mail.ru',
      password: 'парольчикб',
      phone: '+79092479999',
      additional_info: 'я люблю собак',
      birthday: '2004-10-08',
      sex: 'женщина',
    },
  });
  expect(created.status, created.text).toBe(201);
  expect(created.body).toStrictEqual({
    client_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  });

  const { body: signedIn } = await signIn('+79092479999', 'парольчикб');
  const { status, body } = await read({ token: signedIn.tokens.accessToken }, { client_id: created.body.client_id });
  expect(status).toBe(200);
  expect(body).toStrictEqual({
    first_name: 'имя',
    last_name: 'фамилия',
    email: 'pochta@mail.ru',
    registration_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    phone: '+79092479999',
    additional_info: 'я люблю собак',
    birthday: '2004-10-08',
    sex: 'женщина',
  });
  expect(Math.abs(Date.parse(`${body.registration_date}Z`) - Date.now())).toBeLessThan(10 * 60_000);
});

test('`phone_number` is accepted for `phone`', async () => {
  const { phone, ...body } = aNewClient();
  expect((await call('POST', '/api/v1/clients', { body: { ...body, phone_number: phone } })).status).toBe(201);
});

test.each(['first_name', 'last_name', 'email', 'password', 'phone'])('%s is required', async (field) => {
  const { status, body } = await call('POST', '/api/v1/clients', { body: aNewClient({ [field]: undefined }) });
  expect([status, body]).toStrictEqual([
    400,
    {
      error: {
        code: 'validation_failed',
        message: 'Проверьте введённые данные',
        fields: { [field]: 'Это поле обязательно' },
      },
    },
  ]);
});

test.each([
  ['female', 'женщина'],
  ['f', 'женщина'],
  ['женщина', 'женщина'],
  ['male', 'мужчина'],
  ['m', 'мужчина'],
  ['мужчина', 'мужчина'],
])('%s is understood, and answered as %s', async (sex, shown) => {
  expect((await read(await aClient({ sex }))).body.sex).toBe(shown);
});

test('the id travels in the body of the GET, in the query, in the path, or not at all', async () => {
  const client = await aClient();
  const { clientId, token } = client;
  const own = (await read(client)).body;
  expect(own.email).toBe(client.email);
  expect((await read(client, { client_id: clientId })).body).toStrictEqual(own);
  expect((await call('GET', `/api/v1/clients?client_id=${clientId}`, { token })).body).toStrictEqual(own);
  expect((await call('GET', `/api/v1/clients/${clientId}`, { token })).body).toStrictEqual(own);
});

test('operators read everybody, and everybody else themselves alone', async () => {
  const [client, other] = [await aClient(), await aClient()];
  const { bearer: token } = await operatorBearer();
  expect((await read({ token }, { client_id: client.clientId })).body.email).toBe(client.email);
  const refused = await read(other, { client_id: client.clientId });
  expect([refused.status, refused.body]).toStrictEqual([
    404,
    { error: { code: 'customer_not_found', message: 'Клиент не найден' } },
  ]);
  const nobody = await read(other, { client_id: '7febf16f-651b-43b0-a5e3-0da8da49e90d' });
  expect([nobody.status, nobody.text]).toEqual([refused.status, refused.text]);
});

test('without a token it is a 401, in the document’s form and the language asked for', async () => {
  const { status, body, headers } = await call('GET', '/api/v1/clients', { headers: { 'accept-language': 'en' } });
  expect([status, headers['content-language']]).toEqual([401, 'en']);
  expect(body).toStrictEqual({ error: { code: 'unauthenticated', message: expect.stringMatching(/^[\w ,.]+$/) } });
});

test('unset fields are null', async () => {
  const buyer = await aCustomer();
  expect((await read({ token: buyer.auth.bearer })).body).toMatchObject({
    first_name: null,
    last_name: null,
    additional_info: null,
    birthday: null,
    sex: null,
  });
});

test('only what is sent changes', async () => {
  const client = await aClient();
  const before = (await read(client)).body;
  const { status, body } = await patch(client, '', { first_name: 'другое', birthday: '1990-05-17' });
  expect([status, body]).toStrictEqual([200, { client_id: client.clientId }]);
  expect((await read(client)).body).toStrictEqual({ ...before, first_name: 'другое', birthday: '1990-05-17' });
  expect((await patch(client, '', {})).body).toStrictEqual({ client_id: client.clientId });
});

test('the document’s full name: the word "null" leaves a part as it is', async () => {
  const client = await aClient();
  const { status, body } = await patch(client, '/full_name', { first_name: 'null', last_name: 'я-вышла-замуж' });
  expect([status, body]).toStrictEqual([200, {}]);
  expect((await read(client)).body).toMatchObject({ first_name: 'имя', last_name: 'я-вышла-замуж' });
});

test('the document’s additional info', async () => {
  const client = await aClient();
  const { status, body } = await patch(client, '/additional_info', { additional_info: 'я больше не люблю собак' });
  expect([status, body]).toStrictEqual([200, {}]);
  expect((await read(client)).body.additional_info).toBe('я больше не люблю собак');
});

test('a phone written as it is dialled at home is stored in E.164, unverified, and the owner hears of it', async () => {
  const client = await aClient();
  const phone = aRussianPhone();
  const { status, body } = await patch(client, '/phone_number', { phone_number: phone.replace('+7', '8') });
  expect([status, body]).toStrictEqual([200, {}]);
  expect((await read(client)).body.phone).toBe(phone);
  const { body: me } = await gateway.get<{ isPhoneVerified: boolean }>('/me', { bearer: client.token });
  expect(me.isPhoneVerified).toBe(false);
  await messageSaying(client.email, 'другой номер телефона');
});

test('another e-mail address is told to the one before', async () => {
  const client = await aClient();
  await patch(client, '', { email: client.email.toUpperCase().replace('POCHTA', 'NOVAYA') });
  await messageSaying(client.email, 'теперь имеет другой');
  expect((await read(client)).body.email).toBe(client.email.replace('pochta', 'novaya'));
  expect(await messagesTo(client.email.replace('pochta', 'novaya'))).toEqual([]);
});

test('a taken e-mail address or phone is a 409', async () => {
  const [client, other] = [await aClient(), await aClient()];
  const taken = [
    await call('POST', '/api/v1/clients', { body: aNewClient({ email: other.email }) }),
    await call('POST', '/api/v1/clients', { body: aNewClient({ phone: other.phone }) }),
    await patch(client, '', { email: other.email }),
    await patch(client, '/phone_number', { phone_number: other.phone }),
  ];
  expect(taken.map(({ status, body }) => [status, body.error.code])).toEqual([
    [409, 'email_taken'],
    [409, 'phone_taken'],
    [409, 'email_taken'],
    [409, 'phone_taken'],
  ]);
});

test('nobody has charging sessions yet', async () => {
  const { clientId, token } = await aClient();
  const { status, body } = await call('GET', `/api/v1/clients/${clientId}/sessions`, { token });
  expect([status, body]).toStrictEqual([200, []]);
});
