import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import { aCast, aClient, actsOn, type Client, refusedFields, unknownClient } from '../../test/clients.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
let operator: SignedIn;
let stranger: Client;
beforeAll(async () => {
  identity = await startIdentity();
  ({ operator, stranger } = await aCast(identity));
});
afterAll(() => identity.close());

const read = (token: string, body?: unknown, url = '/api/v1/clients') => identity.call('GET', url, { token, body });

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
