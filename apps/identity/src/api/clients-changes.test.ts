import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, type SignedIn } from '../../test/builders.ts';
import { aCast, aClient, actsOn, type Client, refusedFields, toldOf } from '../../test/clients.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
  ({ operator } = await aCast(identity));
});
afterAll(() => identity.close());

const patch = ({ clientId, token }: Pick<Client, 'clientId' | 'token'>, field: string, body: unknown) =>
  identity.call('PATCH', `/api/v1/clients/${clientId}${field}`, { token, body });
const asOperator = ({ clientId }: Client) => ({ clientId, token: operator.accessToken });
const profileOf = async ({ token }: Client) => (await identity.call('GET', '/api/v1/clients', { token })).body;
const changesOf = ({ id }: Client) => toldOf(identity, 'identity.customer.changed.v1', id);
const done = { status: 200, body: {} };
const byThemselves = ({ id }: Client) => ({ actorRole: 'customer', actorId: id, address: '127.0.0.1' });

describe('a change of the profile', () => {
  test('changes what is sent and nothing else, is told, and written down without a word of it', async () => {
    const client = await aClient(identity);
    const before = await profileOf(client);
    const answer = await patch(client, '', { last_name: 'иная', birthday: '1999-12-31', sex: 'm' });
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toStrictEqual({ client_id: client.clientId });
    expect(await profileOf(client)).toStrictEqual({
      ...before,
      last_name: 'иная',
      birthday: '1999-12-31',
      sex: 'мужчина',
    });
    expect(await changesOf(client)).toMatchObject([{ version: 2, name: 'имя иная' }]);
    expect(await actsOn(identity, client.id)).toStrictEqual([
      { act: 'profile.changed', ...byThemselves(client), facts: { fields: ['lastName', 'birthday', 'sex'] } },
    ]);
  });

  test('that changes nothing is a success that nobody hears of', async () => {
    const client = await aClient(identity);
    for (const body of [{}, { first_name: 'имя', sex: 'f', birthday: '2004-10-08' }]) {
      expect(await patch(client, '', body)).toMatchObject({ status: 200, body: { client_id: client.clientId } });
    }
    expect(await changesOf(client)).toEqual([]);
    expect(await actsOn(identity, client.id)).toEqual([]);
  });

  test('takes back with null what one need not tell, and only that', async () => {
    const client = await aClient(identity);
    await patch(client, '', { additional_info: null, birthday: null, sex: null });
    expect(await profileOf(client)).toMatchObject({ additional_info: null, birthday: null, sex: null });
    for (const field of ['first_name', 'last_name', 'email']) {
      expect(refusedFields(await patch(client, '', { [field]: null }))).toEqual({
        [field]: 'Нужен другой тип значения: строка',
      });
    }
  });

  test('gives a first and a last name to somebody who came from another dialect', async () => {
    const buyer = await aCustomer(identity, { name: 'Петро' });
    const token = buyer.accessToken;
    const { uuid: clientId } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: buyer.id } });
    await patch({ clientId, token }, '', { first_name: 'Пётр', last_name: 'Иванов' });
    expect(await profileOf({ ...({} as Client), token })).toMatchObject({ first_name: 'Пётр', last_name: 'Иванов' });
    expect((await identity.call('GET', '/me', { token })).body.name).toBe('Петро');
  });

  test('by an operator is written down as theirs', async () => {
    const client = await aClient(identity);
    await patch(asOperator(client), '', { additional_info: 'строка\nи ещё одна' });
    expect(await profileOf(client)).toMatchObject({ additional_info: 'строка\nи ещё одна' });
    expect(await actsOn(identity, client.id)).toMatchObject([
      { act: 'profile.changed', actorRole: 'operator', actorId: operator.id },
    ]);
  });

  test.each([
    ['first_name', ''],
    ['first_name', 'я'.repeat(121)],
    ['last_name', '\u0007'],
    ['email', 'none'],
    ['birthday', '2023-02-29'],
    ['birthday', '1899-12-31'],
    ['birthday', '3000-01-01'],
    ['sex', 'other'],
    ['additional_info', 'я'.repeat(2001)],
    ['additional_info', 5],
    ['phone', '+79092479999'],
    ['phone_number', '+79092479999'],
    ['password', 'парольчикб'],
    ['client_id', '7febf16f-651b-43b0-a5e3-0da8da49e90d'],
  ])('with %s: %j is refused whole', async (field, value) => {
    const client = await aClient(identity);
    const answer = await patch(client, '', { first_name: 'другое', [field]: value });
    expect(Object.keys(refusedFields(answer))).toEqual([field]);
    expect(await profileOf(client)).toMatchObject({ first_name: 'имя' });
    expect(await changesOf(client)).toEqual([]);
  });

  test.each([undefined, 'null', '[]', '"text"'])('with %s for a body is a 400', async (body) => {
    const { clientId, token } = await aClient(identity);
    const headers = { 'content-type': 'application/json' };
    const answer = await identity.call('PATCH', `/api/v1/clients/${clientId}`, { token, body, headers });
    expect(refusedFields(answer)).toEqual({ body: 'Нужен другой тип значения: объект' });
  });

  test('of one field at the same time as one of another keeps both', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => aClient(identity)));
    const answers = clients.flatMap((client) => [
      patch(client, '', { first_name: 'новое' }),
      patch(client, '', { birthday: '1980-01-02' }),
      patch(client, '/additional_info', { additional_info: 'новое' }),
      patch(client, '/full_name', { last_name: 'новая' }),
    ]);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(16).fill(200));
    for (const client of clients) {
      expect(await profileOf(client)).toMatchObject({
        first_name: 'новое',
        last_name: 'новая',
        birthday: '1980-01-02',
        additional_info: 'новое',
      });
      expect((await changesOf(client)).map(({ version }) => version)).toEqual([2, 3, 4, 5]);
    }
  });
});

describe('another e-mail address', () => {
  test('is unproved, the old one hears of it, and the act is written down apart', async () => {
    const client = await aClient(identity);
    await identity.deps.db.customer.update({ where: { id: client.id }, data: { emailVerifiedAt: new Date() } });
    await patch(client, '', { email: ' Novaya.Pochta@Mail.RU ', first_name: 'новое' });
    const customer = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: client.id } });
    expect(customer).toMatchObject({ email: 'novaya.pochta@mail.ru', emailVerifiedAt: null, firstName: 'новое' });
    expect(await identity.mailTo(client.email)).toMatchObject([
      { channel: 'email', subject: 'Адрес вашей учётной записи изменён' },
    ]);
    expect(await identity.mailTo('novaya.pochta@mail.ru')).toEqual([]);
    expect(await actsOn(identity, client.id)).toStrictEqual([
      { act: 'profile.changed', ...byThemselves(client), facts: { fields: ['firstName'] } },
      { act: 'email.changed', ...byThemselves(client), facts: {} },
    ]);
    expect(await changesOf(client)).toMatchObject([{ version: 2, email: 'novaya.pochta@mail.ru' }]);
  });

  test('that somebody has is a 409, and nothing else of the request is done', async () => {
    const [client, other] = [await aClient(identity), await aClient(identity)];
    expect(await patch(client, '', { email: other.email, first_name: 'новое' })).toMatchObject({
      status: 409,
      body: { error: { code: 'email_taken', message: 'Этот e-mail уже занят' } },
    });
    expect(await profileOf(client)).toMatchObject({ email: client.email, first_name: 'имя' });
    expect(await actsOn(identity, client.id)).toEqual([]);
  });

  test('is asked for five times an hour at most, by whichever door', async () => {
    const client = await aClient(identity);
    const me = (email: string) => identity.call('PATCH', '/me', { token: client.token, body: { email } });
    for (let n = 0; n < 4; n += 1) await patch(client, '', { email: `${n}.${client.email}` });
    expect((await me(`4.${client.email}`)).status).toBe(200);
    expect(await patch(client, '', { email: `5.${client.email}` })).toMatchObject({
      status: 429,
      headers: { 'retry-after': '3600' },
      body: { error: { code: 'too_many_requests' } },
    });
    expect((await patch(client, '', { email: `4.${client.email}` })).status).toBe(200);
  });
});

describe('another full name', () => {
  test.each([
    [{ first_name: 'null', last_name: 'я-вышла-замуж' }, 'имя', 'я-вышла-замуж'],
    [{ first_name: null, last_name: 'иная' }, 'имя', 'иная'],
    [{ last_name: 'иная' }, 'имя', 'иная'],
    [{ first_name: 'иное', last_name: ' null ' }, 'иное', 'фамилия'],
    [{ first_name: 'иное', last_name: 'иная' }, 'иное', 'иная'],
    [{ first_name: 'NULL' }, 'NULL', 'фамилия'],
    [{}, 'имя', 'фамилия'],
    [{ first_name: 'null', last_name: null }, 'имя', 'фамилия'],
  ])('%j makes it %s %s', async (body, first, last) => {
    const client = await aClient(identity);
    const answer = await patch(client, '/full_name', body);
    expect([answer.status, answer.body]).toStrictEqual([200, {}]);
    expect(await profileOf(client)).toMatchObject({ first_name: first, last_name: last });
  });

  test.each([
    [{ first_name: '' }, 'first_name'],
    [{ last_name: 'я'.repeat(121) }, 'last_name'],
    [{ last_name: 5 }, 'last_name'],
    [{ middle_name: 'отчество' }, 'middle_name'],
  ])('%j is refused', async (body, field) => {
    const client = await aClient(identity);
    expect(Object.keys(refusedFields(await patch(client, '/full_name', body)))).toEqual([field]);
  });
});

describe('another additional info', () => {
  test.each([
    ['я больше не люблю собак', 'я больше не люблю собак'],
    [null, null],
    ['', null],
    [`${'я'.repeat(1999)}\n `, 'я'.repeat(1999)],
  ])('%j is kept as %j', async (typed, kept) => {
    const client = await aClient(identity);
    expect(await patch(client, '/additional_info', { additional_info: typed })).toMatchObject(done);
    expect((await profileOf(client)).additional_info).toBe(kept);
    expect(await actsOn(identity, client.id)).toMatchObject([
      { act: 'profile.changed', facts: { fields: ['additionalInfo'] } },
    ]);
  });

  test.each([
    [{}, 'additional_info'],
    [{ additional_info: 'я'.repeat(2001) }, 'additional_info'],
    [{ additional_info: { собаки: false } }, 'additional_info'],
    [{ additional_info: 'x', first_name: 'имя' }, 'first_name'],
  ])('%j is refused', async (body, field) => {
    const client = await aClient(identity);
    expect(Object.keys(refusedFields(await patch(client, '/additional_info', body)))).toEqual([field]);
  });
});

describe('another phone', () => {
  test('is stored in E.164 and unproved, told, and written down without the number', async () => {
    const client = await aClient(identity);
    expect((await patch(client, '/phone_number', { phone_number: '89094479999' })).body).toStrictEqual({});
    const customer = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: client.id } });
    expect(customer).toMatchObject({ phone: '+79094479999', phoneVerifiedAt: null });
    expect(await changesOf(client)).toMatchObject([{ version: 2, phone: '+79094479999' }]);
    expect(await actsOn(identity, client.id)).toStrictEqual([
      { act: 'phone.changed', ...byThemselves(client), facts: {} },
    ]);
    expect(await identity.mailTo(client.email)).toMatchObject([
      { channel: 'email', subject: 'Номер телефона вашей учётной записи изменён' },
    ]);
    expect(await identity.mailTo('+79094479999')).toEqual([]);
    expect(await identity.mailTo(client.phone)).toEqual([]);
  });

  test('is told by SMS to the old one too, when that was proved', async () => {
    const client = await aClient(identity);
    await identity.deps.db.customer.update({ where: { id: client.id }, data: { phoneVerifiedAt: new Date() } });
    await patch(client, '/phone_number', { phone_number: '+79094479998' });
    expect(await identity.mailTo(client.phone)).toMatchObject([
      { channel: 'sms', text: 'Номер телефона вашей учётной записи изменён' },
    ]);
    const { phoneVerifiedAt } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: client.id } });
    expect(phoneVerifiedAt).toBeNull();
  });

  test('that is the same, however it is written, keeps its proof and tells nobody', async () => {
    const client = await aClient(identity);
    await identity.deps.db.customer.update({ where: { id: client.id }, data: { phoneVerifiedAt: new Date() } });
    expect(await patch(client, '/phone_number', { phone_number: client.phone.replace('+7', '8') })).toMatchObject(done);
    const { phoneVerifiedAt } = await identity.deps.db.customer.findUniqueOrThrow({ where: { id: client.id } });
    expect(phoneVerifiedAt).not.toBeNull();
    expect(await actsOn(identity, client.id)).toEqual([]);
  });

  test('that somebody has is a 409; of two who want one at the same moment, one gets it', async () => {
    const [client, other] = [await aClient(identity), await aClient(identity)];
    expect(await patch(client, '/phone_number', { phone_number: other.phone })).toMatchObject({
      status: 409,
      body: { error: { code: 'phone_taken', message: 'Этот номер телефона уже зарегистрирован' } },
    });
    const wish = { phone_number: '+79094479997' };
    const answers = await Promise.all([client, other].map((one) => patch(one, '/phone_number', wish)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('is asked for five times an hour at most', async () => {
    const client = await aClient(identity);
    const wish = (n: number) => patch(client, '/phone_number', { phone_number: `+7909557000${n}` });
    for (let n = 0; n < 5; n += 1) expect((await wish(n)).status).toBe(200);
    expect(await wish(5)).toMatchObject({ status: 429, body: { error: { code: 'too_many_requests' } } });
    expect((await wish(4)).status).toBe(200);
  });

  test.each([
    [{}, 'phone_number', 'Это поле обязательно'],
    [{ phone_number: null }, 'phone_number', 'Нужен другой тип значения: строка'],
    [{ phone_number: '' }, 'phone_number', 'Это не похоже на номер телефона'],
    [{ phone_number: '12345' }, 'phone_number', 'Это не похоже на номер телефона'],
    [{ phone_number: '+7 909 247 99 99 доб. 5' }, 'phone_number', 'Это не похоже на номер телефона'],
    [{ phone_number: 89092479999 }, 'phone_number', 'Нужен другой тип значения: строка'],
    [{ phone_number: '9'.repeat(33) }, 'phone_number', 'Слишком длинно, наибольшая длина: 32'],
    [{ phone_number: '+79092479999', phone: '+79092479999' }, 'phone', 'Такого поля нет'],
  ])('%j is refused', async (body, field, phrase) => {
    const client = await aClient(identity);
    expect(refusedFields(await patch(client, '/phone_number', body))).toEqual({ [field]: phrase });
  });
});
