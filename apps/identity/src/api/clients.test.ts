import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import {
  aCast,
  aClient,
  actsOn,
  aNewClient,
  type Client,
  refusedFields,
  toldOf,
  unknownClient,
} from '../../test/clients.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
let operator: SignedIn;
let stranger: Client;
beforeAll(async () => {
  identity = await startIdentity();
  ({ operator, stranger } = await aCast(identity));
});
afterAll(() => identity.close());

const create = (body: unknown, options: Parameters<TestIdentity['call']>[2] = {}) =>
  identity.call('POST', '/api/v1/clients', { ...options, body });
const read = (token: string, body?: unknown, url = '/api/v1/clients') => identity.call('GET', url, { token, body });
const customerOf = (uuid: string) => identity.deps.db.customer.findUniqueOrThrow({ where: { uuid } });

describe('a new client', () => {
  test('is told its id alone, and is a customer with an unproved phone and no session', async () => {
    const body = aNewClient();
    const { status, headers, body: answer } = await create(body);
    expect([status, headers['cache-control']]).toEqual([201, 'no-store']);
    expect(answer).toStrictEqual({ client_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) });
    const customer = await customerOf(answer.client_id);
    expect(customer).toMatchObject({
      firstName: 'имя',
      lastName: 'фамилия',
      middleName: null,
      name: null,
      email: body.email,
      emailVerifiedAt: null,
      phone: body.phone,
      phoneVerifiedAt: null,
      additionalInfo: 'я люблю собак',
      birthday: new Date('2004-10-08'),
      sex: 'female',
      language: 'ru',
      roles: [],
      lastLoginAt: null,
    });
    expect(await identity.deps.db.session.count({ where: { customerId: customer.id } })).toBe(0);
    expect(await toldOf(identity, 'identity.customer.registered.v1', customer.id)).toMatchObject([
      { version: 1, phone: body.phone, email: body.email, name: 'имя фамилия', language: 'ru', clientId: null },
    ]);
  });

  test('signs in to the shop with what was sent', async () => {
    const client = await aClient(identity, { email: ' Pochta.Bolshaya@MAIL.ru ', password: ' двойной  пробел ' });
    const { body } = await identity.call('GET', '/me', { token: client.token });
    expect(body).toMatchObject({ email: 'pochta.bolshaya@mail.ru', phone: client.phone, name: 'имя фамилия' });
  });

  test.each([
    ['89097479999', '+79097479999'],
    ['+7 (909) 747-99-98', '+79097479998'],
    ['+380971234567', '+380971234567'],
  ])('writes the phone %s, in either of two fields, and is stored as %s', async (typed, phone) => {
    const { phone: _, ...body } = aNewClient();
    const { body: answer } = await create({ ...body, phone_number: typed });
    expect((await customerOf(answer.client_id)).phone).toBe(phone);
    expect((await create(aNewClient({ phone: typed }))).body.error.code).toBe('phone_taken');
  });

  test('may say the same phone twice, in two spellings, but not two phones', async () => {
    const twice = aNewClient({ phone: '+79097479990', phone_number: '89097479990' });
    expect((await create(twice)).status).toBe(201);
    const two = aNewClient({ phone_number: '89097479991' });
    expect(refusedFields(await create(two))).toEqual({ phone_number: 'Противоречит другому полю' });
  });

  test.each([
    ['женщина', 'female'],
    ['female', 'female'],
    ['f', 'female'],
    ['мужчина', 'male'],
    ['male', 'male'],
    ['m', 'male'],
    [null, null],
  ])('whose sex is %s is kept as %s', async (sex, kept) => {
    const { body } = await create(aNewClient({ sex }));
    expect((await customerOf(body.client_id)).sex).toBe(kept);
  });

  test('need not say what may be left out', async () => {
    const { additional_info: _, birthday: __, sex: ___, ...body } = aNewClient();
    const { body: answer } = await create(body, { headers: { 'accept-language': 'ka' } });
    expect(await customerOf(answer.client_id)).toMatchObject({
      additionalInfo: null,
      birthday: null,
      sex: null,
      language: 'ka',
    });
  });

  const today = () => identity.deps.clock().toISOString().slice(0, 10);

  test('may be born today, and as early as 1900', async () => {
    for (const birthday of [today(), '1900-01-01', '2024-02-29']) {
      const { body } = await create(aNewClient({ birthday }));
      expect((await customerOf(body.client_id)).birthday?.toISOString().slice(0, 10)).toBe(birthday);
    }
  });

  test.each([
    ['first_name', '', 'Слишком коротко, наименьшая длина: 1'],
    ['first_name', '  ', 'Слишком коротко, наименьшая длина: 1'],
    ['first_name', 'я'.repeat(121), 'Слишком длинно, наибольшая длина: 120'],
    ['first_name', null, 'Нужен другой тип значения: строка'],
    ['first_name', 'a\u0000b', 'В тексте есть недопустимые знаки'],
    ['first_name', '\ud800', 'В тексте есть недопустимые знаки'],
    ['last_name', 7, 'Нужен другой тип значения: строка'],
    ['last_name', undefined, 'Это поле обязательно'],
    ['first_name', undefined, 'Это поле обязательно'],
    ['email', undefined, 'Это поле обязательно'],
    ['email', 'no address', 'Это не похоже на адрес электронной почты'],
    ['email', `${'a'.repeat(250)}@mail.ru`, 'Слишком длинно, наибольшая длина: 254'],
    ['password', undefined, 'Это поле обязательно'],
    ['password', 'пять5', 'Слишком коротко, наименьшая длина: 6'],
    ['password', 'x'.repeat(129), 'Слишком длинно, наибольшая длина: 128'],
    ['password', 'password', 'Этот пароль слишком распространён, выберите другой'],
    ['phone', undefined, 'Это поле обязательно'],
    ['phone', '', 'Это не похоже на номер телефона'],
    ['phone', '12345', 'Это не похоже на номер телефона'],
    ['phone', 89092479999, 'Нужен другой тип значения: строка'],
    ['phone_number', '12345', 'Это не похоже на номер телефона'],
    ['birthday', '2023-02-29', 'Такой даты нет, нужна в виде ГГГГ-ММ-ДД'],
    ['birthday', '08.10.2004', 'Такой даты нет, нужна в виде ГГГГ-ММ-ДД'],
    ['birthday', '2004-10-08T00:00:00Z', 'Такой даты нет, нужна в виде ГГГГ-ММ-ДД'],
    ['birthday', '1899-12-31', 'Слишком ранняя дата, самая ранняя: 1900-01-01'],
    ['sex', 'ж', 'Возможные значения: женщина, мужчина, female, male, f, m'],
    ['sex', 'Female', 'Возможные значения: женщина, мужчина, female, male, f, m'],
    ['additional_info', 'я'.repeat(2001), 'Слишком длинно, наибольшая длина: 2000'],
    ['additional_info', ['собаки'], 'Нужен другой тип значения: строка'],
    ['client_id', '7febf16f-651b-43b0-a5e3-0da8da49e90d', 'Такого поля нет'],
    ['role', 'operator', 'Такого поля нет'],
  ])('whose %s is %j is refused, and told so beside that field alone', async (field, value, phrase) => {
    const before = await identity.deps.db.customer.count();
    expect(refusedFields(await create(aNewClient({ [field]: value })))).toEqual({ [field]: phrase });
    expect(await identity.deps.db.customer.count()).toBe(before);
  });

  test('born tomorrow is refused with the last day that could be', async () => {
    const tomorrow = new Date(identity.deps.clock().getTime() + 24 * 3_600_000).toISOString().slice(0, 10);
    expect(refusedFields(await create(aNewClient({ birthday: tomorrow })))).toEqual({
      birthday: `Слишком поздняя дата, самая поздняя: ${today()}`,
    });
  });

  test('hears of everything that is wrong at once, the missing phone included', async () => {
    expect(Object.keys(refusedFields(await create({ password: '1', zodiac: 'лев' }))).sort()).toEqual(
      ['email', 'first_name', 'last_name', 'password', 'phone', 'zodiac'].sort(),
    );
  });

  test.each([
    ['"text"', 'validation_failed'],
    ['[]', 'validation_failed'],
    ['null', 'validation_failed'],
    ['{"first_name":', 'malformed_body'],
    ['{"email":"a@b.cd","email":"c@d.ef"}', 'malformed_body'],
  ])('sent as %s is a 400', async (body, code) => {
    const answer = await create(body, { headers: { 'content-type': 'application/json' } });
    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
  });

  test('with an address or phone that somebody has is a 409, whichever dialect they came from', async () => {
    const buyer = await aCustomer(identity);
    const error = (code: string, message: string) => ({ status: 409, body: { error: { code, message } } });
    expect(await create(aNewClient({ email: buyer.email.toUpperCase() }))).toMatchObject(
      error('email_taken', 'Этот e-mail уже занят'),
    );
    expect(await create(aNewClient({ phone: buyer.phone }))).toMatchObject(
      error('phone_taken', 'Этот номер телефона уже зарегистрирован'),
    );
    const retold = await create(aNewClient({ phone: buyer.phone }), { headers: { 'accept-language': 'en' } });
    expect(retold.body.error.message).toMatch(/phone/i);
  });

  test('made twice at the same moment is made once', async () => {
    const phone = '+79098887766';
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(aNewClient({ phone }))));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await identity.deps.db.customer.count({ where: { phone } })).toBe(1);
  });

  test('is one of twenty that an address may make in an hour, together with those of the shop', async () => {
    const strict = await startIdentity({ ADDRESS_LIMIT_SCALE: '1' });
    const { email } = await aCustomer(strict);
    const taken = () => strict.call('POST', '/api/v1/clients', { body: aNewClient({ email }) });
    for (let n = 1; n < 20; n += 1) expect((await taken()).status).toBe(409);
    expect(await taken()).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3600' },
      body: { error: { code: 'too_many_requests' } },
    });
    await strict.close();
  });
});

describe('a profile', () => {
  const profileOf = ({ email, phone }: Client) => ({
    first_name: 'имя',
    last_name: 'фамилия',
    email,
    registration_date: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    phone,
    additional_info: 'я люблю собак',
    birthday: '2004-10-08',
    sex: 'женщина',
  });

  test('is shown whole, wherever the id stands, and without any id', async () => {
    const client = await aClient(identity);
    const { clientId } = client;
    const answers = [
      await read(client.token),
      await read(client.token, {}),
      await read(client.token, { client_id: clientId }),
      await read(client.token, { client_id: clientId.toUpperCase() }),
      await read(client.token, undefined, `/api/v1/clients?client_id=${clientId}`),
      await read(client.token, undefined, `/api/v1/clients/${clientId}`),
      await read(client.token, { client_id: clientId }, `/api/v1/clients/${clientId}?client_id=${clientId}`),
    ];
    for (const { status, headers, body } of answers) {
      expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
      expect(body).toStrictEqual(profileOf(client));
    }
    expect(await actsOn(identity, client.id)).toEqual([]);
  });

  test('has the second of its registration, in UTC', async () => {
    const client = await aClient(identity, { sex: 'm' });
    await identity.deps.db.customer.update({
      where: { id: client.id },
      data: { createdAt: new Date('2024-02-25T03:14:07.999Z') },
    });
    expect((await read(client.token)).body).toMatchObject({ registration_date: '2024-02-25 03:14:07', sex: 'мужчина' });
  });

  test('of somebody who came from another dialect has null where this one would have asked', async () => {
    const buyer = await aCustomer(identity, { name: 'Петро' });
    expect((await read(buyer.accessToken)).body).toStrictEqual({
      first_name: null,
      last_name: null,
      email: buyer.email,
      registration_date: expect.any(String),
      phone: buyer.phone,
      additional_info: null,
      birthday: null,
      sex: null,
    });
  });

  test('of somebody else is shown to operators, and written down', async () => {
    const client = await aClient(identity);
    const { accessToken: token, id } = operator;
    expect((await read(token, { client_id: client.clientId })).body).toStrictEqual(profileOf(client));
    expect(await actsOn(identity, client.id)).toEqual([
      { act: 'customer.read', actorRole: 'operator', actorId: id, address: '127.0.0.1', facts: {} },
    ]);
  });

  test.each([
    ['two ids in body and query', '?client_id=7febf16f-651b-43b0-a5e3-0da8da49e90d', undefined],
    ['two ids in body and path', '/7febf16f-651b-43b0-a5e3-0da8da49e90d', undefined],
    ['an id in the body that is none', '', { client_id: '65f1a2b3c4d5e6f7a8b9c001' }],
    ['an id in the body that is null', '', { client_id: null }],
    ['an id in the body that is a number', '', { client_id: 7 }],
    ['an id in the query that is none', '?client_id=me', {}],
    ['an empty id in the query', '?client_id=', {}],
    ['an id in the path that is none', '/me', {}],
    ['something else in the body', '', { id: '7febf16f-651b-43b0-a5e3-0da8da49e90d' }],
    ['something else in the query', '?id=7febf16f-651b-43b0-a5e3-0da8da49e90d', {}],
    ['two ids in the query', `?client_id=${'a'.repeat(36)}&client_id=${'b'.repeat(36)}`, {}],
  ])('asked for with %s is a 400', async (_, rest, body) => {
    const asked = await read(stranger.token, body ?? { client_id: stranger.clientId }, `/api/v1/clients${rest}`);
    expect(asked).toMatchObject({ status: 400, body: { error: { code: 'validation_failed' } } });
    expect(Object.keys(refusedFields(asked))).toHaveLength(1);
  });

  test('asked for with a body that is no JSON is a 400 or a 415', async () => {
    const send = (type: string, body: string) =>
      identity.call('GET', '/api/v1/clients', { token: stranger.token, body, headers: { 'content-type': type } });
    expect(await send('application/json', '{"client_id":')).toMatchObject({
      status: 400,
      body: { error: { code: 'malformed_body' } },
    });
    expect(await send('application/x-www-form-urlencoded', 'client_id=1')).toMatchObject({
      status: 415,
      body: { error: { code: 'unsupported_media_type' } },
    });
  });
});

test('a body of a GET is read at these doors alone', async () => {
  const { accessToken: token } = operator;
  for (const url of ['/me', '/admin/customers?limit=1', '/.well-known/jwks.json']) {
    for (const body of ['{"id":', { customerId: stranger.id }]) {
      const asked = await identity.call('GET', url, { token, body, headers: { 'content-type': 'application/json' } });
      expect([url, asked.status, asked.body]).toEqual([url, 200, (await identity.call('GET', url, { token })).body]);
    }
  }
});

describe('every route about a client', () => {
  type Route = readonly [method: 'GET' | 'PATCH' | 'POST', rest: string, body: unknown];
  const routes: readonly Route[] = [
    ['GET', '', undefined],
    ['PATCH', '', { first_name: 'чужое' }],
    ['PATCH', '/full_name', { first_name: 'чужое' }],
    ['PATCH', '/password', { password: 'чужой пароль' }],
    ['PATCH', '/phone_number', { phone_number: '+79091112233' }],
    ['PATCH', '/additional_info', { additional_info: 'чужое' }],
    ['POST', '/password/check', { password: 'парольчикб' }],
    ['GET', '/sessions', undefined],
  ];
  const nobody = '7febf16f-651b-43b0-a5e3-0da8da49e90d';
  const ask = ([method, rest, body]: Route, clientId: string, token?: string) =>
    identity.call(method, `/api/v1/clients/${clientId}${rest}`, { ...(token && { token }), body });

  test.each(routes)('%s %s asks for a token before it looks at anything', async (...route) => {
    for (const clientId of [stranger.clientId, nobody, 'me']) {
      expect(await ask(route, clientId)).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
      expect((await ask(route, clientId, `${stranger.token}x`)).status).toBe(401);
    }
  });

  test.each(routes)('%s %s does not tell somebody else from nobody, and does nothing', async (...route) => {
    const { token } = await aClient(identity);
    const whole = () => identity.deps.db.customer.findUniqueOrThrow({ where: { id: stranger.id } });
    const before = await whole();
    expect(await ask(route, stranger.clientId, token)).toMatchObject(unknownClient);
    expect(await ask(route, nobody, token)).toMatchObject(unknownClient);
    expect((await ask(route, stranger.clientId, token)).body).toStrictEqual((await ask(route, nobody, token)).body);
    expect(await whole()).toEqual(before);
  });

  test.each(routes)('%s %s is an operator’s too, but not for whom there is not', async (...route) => {
    const client = await aClient(identity);
    expect((await ask(route, client.clientId, operator.accessToken)).status).toBe(200);
    expect(await ask(route, nobody, operator.accessToken)).toMatchObject(unknownClient);
  });

  test.each(routes)('%s %s with an id that is no UUID is a 400', async (...route) => {
    expect(refusedFields(await ask(route, stranger.id, stranger.token))).toEqual({
      client_id: 'Это не идентификатор в виде UUID',
    });
  });
});

test('nobody has charged anything yet', async () => {
  const { clientId, token } = await aClient(identity);
  expect(await identity.call('GET', `/api/v1/clients/${clientId}/sessions`, { token })).toMatchObject({
    status: 200,
    body: [],
  });
});
