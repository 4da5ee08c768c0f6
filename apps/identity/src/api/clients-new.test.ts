import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { aClient, aNewClient, refusedFields, toldOf } from '../../test/clients.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const create = (body: unknown, options: Parameters<TestIdentity['call']>[2] = {}) =>
  identity.call('POST', '/api/v1/clients', { ...options, body });
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
