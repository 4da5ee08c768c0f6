import { expect, test } from 'vitest';
import { operate } from '../operator.ts';
import { aPhone } from '../people.ts';
import { ask, demo } from './app.ts';

const submit = (body: unknown, headers: Record<string, string> = demo) =>
  ask('POST', '/registration/submit', { body, headers });

/** The rows of the document's table, each by a request that earns it. */
test.each<[number, string, () => ReturnType<typeof ask>]>([
  [-10001, 'Отсутствует обязательный заголовок Hive-Profile', () => ask('GET', '/time', { headers: {} })],
  [-10001, 'Отсутствует обязательный заголовок Authentication', () => ask('GET', '/account')],
  [-10002, '', () => ask('GET', '/time', { headers: { ...demo, 'x-hive-gps-position': '55,0355 73,3012' } })],
  [-10002, '', () => ask('GET', '/time', { headers: { ...demo, 'x-hive-gps-position': '91 0' } })],
  [-10003, 'Не указан обязательный параметр: phone', () => submit({})],
  [-10003, 'Не указан обязательный параметр: id', () => ask('GET', '/registration/confirm?code=1')],
  [-10003, 'Не указан обязательный параметр: id', () => ask('GET', '/registration/resubmit')],
  [-10004, 'Неверный формат номера телефона', () => submit({ phone: '12345' })],
  [-10004, '', () => submit({ phone: '+33612345678' })],
  [-10004, 'Параметр имеет неверный вид: confirmationType', () => submit({ phone: aPhone(), confirmationType: 'fax' })],
  [-10004, 'Неизвестный параметр: role', () => submit({ phone: aPhone(), role: 'operator' })],
  [-10005, '', () => submit('{"phone":')],
  [-10005, '', () => submit('phone=1', { ...demo, 'content-type': 'application/x-www-form-urlencoded' })],
  [-10006, 'Неизвестный профиль приложения', () => ask('GET', '/time', { headers: { 'hive-profile': 'nobody' } })],
  [-10007, '', () => ask('GET', '/registration/resubmit?id=0')],
  [-10007, '', () => ask('GET', '/registration/confirm?id=0&code=123456')],
])('%i %s', async (code, message, send) => {
  const { status, body, headers } = await send();
  expect([status, body.code]).toEqual([400, code]);
  if (message) expect(body.message).toBe(message);
  expect(Object.keys(body)).toEqual(['code', 'message']);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
});

test.each([['55.0355 73.3012'], ['5.50355e1 7.33012E+1'], ['-90 180']])(
  'a phone at %s is somewhere',
  async (position) => {
    expect((await ask('GET', '/time', { headers: { ...demo, 'x-hive-gps-position': position } })).status).toBe(200);
  },
);

test.each([
  ['GET', '/history'],
  ['GET', ''],
  ['GET', '/registration/'],
  ['POST', '/time'],
  ['PUT', '/registration/submit'],
  ['HEAD', '/registration/confirm?id=1&code=1'],
  ['HEAD', '/registration/resubmit?id=1'],
])('%s %s is not there, and that has no body', async (method, path) => {
  const { status, text, headers } = await ask(method, path);
  expect([status, text, headers['content-type']]).toEqual([404, '', undefined]);
});

test.each([
  ['uk', 'Невідомий профіль застосунку'],
  ['en', 'The app profile is unknown'],
  ['fr', 'Неизвестный профиль приложения'],
])('a message is in the language that was asked for, or in Russian: %s', async (language, message) => {
  const { body } = await ask('GET', '/time', { headers: { 'hive-profile': 'x', 'accept-language': language } });
  expect(body.message).toBe(message);
});

test('asked for too often is a 400 with Retry-After', async () => {
  const phone = aPhone();
  // The first wait is a second here, which may be over by the second time; the next one is a minute.
  let answer = await submit({ phone });
  for (let n = 0; n < 2 && answer.status === 200; n += 1) answer = await submit({ phone });
  const { status, body, headers } = answer;
  expect([status, body.code]).toEqual([400, -10011]);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
});

test('an app that operators make may ask at once, and one that they block may not', async () => {
  const { id } = await operate<{ id: string }>('post', '/admin/app-profiles', {
    id: `e2e-${aPhone().slice(1)}`,
    name: 'Такси',
    region: 'UA',
  });
  const headers = { 'hive-profile': id };
  const phone = aPhone();
  expect((await submit({ phone: `0${phone.slice(4)}` }, headers)).status).toBe(200);
  await operate('post', `/admin/app-profiles/${id}/block`, undefined);
  expect(await ask('GET', '/time', { headers })).toMatchObject({ status: 400, body: { code: -10006 } });
});
