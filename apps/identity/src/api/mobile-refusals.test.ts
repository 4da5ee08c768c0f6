import { languages } from '@forecourt/dialects';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { aPhone } from '../../test/codes.ts';
import { anAppProfile } from '../../test/devices.ts';
import type { TestIdentity } from '../../test/identity.ts';
import { appOf, demo, mobile, startWithDemoApp } from '../../test/mobile.ts';

let identity: TestIdentity;
let app: ReturnType<typeof appOf>;
beforeAll(async () => {
  identity = await startWithDemoApp();
  app = appOf(identity);
});
afterAll(() => identity.close());

const paths = ['/registration/resubmit', '/registration/confirm', '/account', '/time', '/countries'];

describe('headers come first', () => {
  test.each(paths)('%s wants to know which app is asking', async (path) => {
    const ask = (headers: Record<string, string>) => appOf(identity, headers).get(path);
    for (const headers of [{}, { 'hive-profile': '' }, { 'hive-profile': '  ' }]) {
      expect(await ask(headers as Record<string, string>)).toMatchObject({
        status: 400,
        body: { code: -10001, message: 'Отсутствует обязательный заголовок Hive-Profile' },
      });
    }
    expect(await ask({ 'hive-profile': 'nobody' })).toMatchObject({ status: 400, body: { code: -10006 } });
    expect(await ask({ 'hive-profile': 'demo, demo' })).toMatchObject({ status: 400, body: { code: -10006 } });
    expect(await ask({ 'hive-profile': 'x'.repeat(65) })).toMatchObject({ status: 400, body: { code: -10002 } });
    expect(await ask({ ...demo, 'x-hive-gps-position': 'here' })).toMatchObject({
      status: 400,
      body: { code: -10002, message: expect.stringContaining('X-Hive-GPS-Position') },
    });
  });

  test('the profile before the position, and both before the body', async () => {
    const nowhere = { 'x-hive-gps-position': 'nowhere' };
    expect((await appOf(identity, nowhere).submit('{')).body.code).toBe(-10001);
    expect((await appOf(identity, { 'hive-profile': 'x', ...nowhere }).submit({})).body.code).toBe(-10006);
    expect((await appOf(identity, { ...demo, ...nowhere }).submit({ phone: 1 })).body.code).toBe(-10002);
  });

  test('an app that is blocked is unknown after three seconds, and known again once it is not', async () => {
    const id = await anAppProfile(identity);
    const ask = async () => (await appOf(identity, { 'hive-profile': id }).get('/time')).status;
    const block = async (blockedAt: Date | null) => {
      await identity.deps.db.appProfile.update({ where: { id }, data: { blockedAt } });
      identity.runtime.clock.advance(3000);
    };
    identity.runtime.clock.advance(3000);
    expect(await ask()).toBe(200);
    await block(identity.deps.clock());
    expect(await ask()).toBe(400);
    await block(null);
    expect(await ask()).toBe(200);
  });

  test('a thousand unknown apps cost no statement each', async () => {
    await app.get('/time');
    const read = vi.spyOn(identity.deps.db.appProfile, 'findMany');
    for (let n = 0; n < 50; n += 1) await appOf(identity, { 'hive-profile': `none-${n}` }).get('/time');
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  test('a database that is away for a moment does not stay away', async () => {
    identity.runtime.clock.advance(3000);
    const read = vi.spyOn(identity.deps.db.appProfile, 'findMany').mockRejectedValueOnce(new Error('away') as never);
    expect(await app.get('/time')).toMatchObject({ status: 500, body: '' });
    expect((await app.get('/time')).status).toBe(200);
    read.mockRestore();
  });
});

describe('submit', () => {
  const phone = '+79092479999';
  const birthDate = (text: string) => ({ phone, info: { birthDate: text } });

  test.each([
    ['no phone', {}, -10003, 'phone'],
    ['an empty phone', { phone: '' }, -10004, 'phone'],
    ['a phone that is a number', { phone: 79092479999 }, -10004, 'phone'],
    ['null for a phone', { phone: null }, -10004, 'phone'],
    ['a phone with a NUL', { phone: '+7909\u00002479999' }, -10004, 'phone'],
    ['a phone without end', { phone: '7'.repeat(33) }, -10004, 'phone'],
    ['another type', { phone, confirmationType: 'fax' }, -10004, 'confirmationType'],
    ['info that is a text', { phone, info: 'Пётр' }, -10004, 'info'],
    ['a third gender', { phone, info: { gender: 2 } }, -10004, 'info.gender'],
    ['a gender as text', { phone, info: { gender: '0' } }, -10004, 'info.gender'],
    ['a name without end', { phone, info: { lastName: 'я'.repeat(121) } }, -10004, 'info.lastName'],
    ['a day of no calendar', birthDate('1990-02-30T00:00:00+06:00'), -10004, 'info.birthDate'],
    ['a day without an offset', birthDate('1990-05-17T00:00:00'), -10004, 'info.birthDate'],
    ['a day without a time', birthDate('1990-05-17'), -10004, 'info.birthDate'],
    ['a day to come', birthDate('2026-02-20T00:00:00+06:00'), -10004, 'info.birthDate'],
    ['a day long ago', birthDate('1899-12-31T00:00:00Z'), -10004, 'info.birthDate'],
    ['a code without end', { phone, referralCode: 'x'.repeat(65) }, -10004, 'referralCode'],
    ['a field that nobody knows', { phone, role: 'operator' }, -10004, 'role'],
    ['one within', { phone, info: { role: 'operator' } }, -10004, 'info.role'],
  ])('%s is told by its number and its name', async (_, body, code, name) => {
    const answer = await app.submit(body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.body.message).toMatch(new RegExp(`: ${name.replace('.', '\\.')}$`));
  });

  test.each([
    ['is no number at all', 'phone'],
    ['is too short', '+7909'],
    ['of a country that we do not send to', '+33612345678'],
    ['that nobody holds in their hand', '+78002000600'],
    ['with an extension', '+79092479999 ext. 5'],
  ])('a phone that %s is malformed', async (_, wrong) => {
    expect(await app.submit({ phone: wrong })).toMatchObject({ status: 400, body: { code: -10004 } });
  });

  test.each([
    ['half a document', '{"phone":', 'application/json'],
    ['nothing but bytes', Buffer.from([0xff, 0xfe]), 'application/json'],
    ['a name twice', `{"phone":"${phone}","phone":"${phone}"}`, 'application/json'],
    ['a form', `phone=${phone}`, 'application/x-www-form-urlencoded'],
    ['no type', `{"phone":"${phone}"}`, 'text/plain'],
    ['JSON of another alphabet', `{"phone":"${phone}"}`, 'application/json; charset=windows-1251'],
    ['far too much', JSON.stringify({ phone: 'x'.repeat(70_000) }), 'application/json'],
  ])('%s is no valid JSON', async (_, payload, type) => {
    const url = `${mobile}/registration/submit`;
    const answer = await identity.app.inject({
      method: 'POST',
      url,
      payload,
      headers: { ...demo, 'content-type': type },
    });
    expect([answer.statusCode, answer.json().code]).toEqual([400, -10005]);
  });

  test('no body at all is no parameters', async () => {
    const answer = await app.submit(undefined);
    expect([answer.status, answer.body.code]).toEqual([400, -10003]);
    expect(answer.body.message).toMatch(/: phone$/);
  });

  test.each(['[]', '"x"', '1'])('%j is JSON, and no parameters', async (payload) => {
    const url = `${mobile}/registration/submit`;
    const headers = { ...demo, 'content-type': 'application/json' };
    const answer = await identity.app.inject({ method: 'POST', url, payload, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([400, -10004]);
  });

  test('nothing was sent for any of it', async () => {
    expect(await identity.mailTo(phone)).toEqual([]);
  });

  test('what apps write as null was not said', async () => {
    const info = { lastName: null, firstName: null, middleName: null, gender: null, birthDate: null };
    expect((await app.submit({ phone: aPhone(), info, referralCode: null })).status).toBe(200);
    expect((await app.submit({ phone: aPhone(), info: null })).status).toBe(200);
  });
});

describe('resubmit and confirm', () => {
  test.each([
    ['resubmit', -10003, 'id'],
    ['resubmit?id=', -10004, 'id'],
    ['resubmit?id=abc', -10004, 'id'],
    ['resubmit?id=-5', -10004, 'id'],
    ['resubmit?id=1.5', -10004, 'id'],
    ['resubmit?id=0x10', -10004, 'id'],
    ['resubmit?id=1&id=2', -10004, 'id'],
    ['resubmit?id=1&confirmationType=email', -10004, 'confirmationType'],
    ['resubmit?id=1&confirmationType=', -10004, 'confirmationType'],
    ['resubmit?id=1&role=operator', -10004, 'role'],
    ['confirm', -10003, 'id'],
    ['confirm?id=1', -10003, 'code'],
    ['confirm?code=123456', -10003, 'id'],
    ['confirm?id=x', -10003, 'code'],
    ['confirm?id=1&code=', -10004, 'code'],
    ['confirm?id=1&code=12a4', -10004, 'code'],
    ['confirm?id=1&code=%D9%A1%D9%A2%D9%A3%D9%A4', -10004, 'code'],
    ['confirm?id=1&code=12345678901234567890', -10004, 'code'],
    ['confirm?id=1&code=1&code=2', -10004, 'code'],
  ])('%s is a 400 with %i about %s', async (path, code, name) => {
    const answer = await app.get(`/registration/${path}`);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.body.message).toMatch(new RegExp(`: ${name}$`));
  });
});

describe('what is not there has no body', () => {
  test.each([
    ['GET', '/history'],
    ['GET', '/registration'],
    ['POST', '/time'],
    ['DELETE', '/registration/fcm'],
    ['GET', '/registration/submit'],
    ['POST', '/registration/confirm?id=1&code=1'],
  ] as const)('%s %s', async (method, path) => {
    const answer = await identity.call(method, mobile + path, { headers: demo });
    expect([answer.status, answer.body]).toEqual([404, '']);
    expect(answer.headers['content-type']).toBeUndefined();
  });
});

test.each(languages)('messages are in the language of the request: %s', async (language) => {
  const { body, headers } = await app.get('/registration/confirm?id=1&code=1', { 'accept-language': language });
  expect(body).toEqual({ code: -10007, message: expect.stringMatching(language === 'en' ? /^[ -~]+$/ : /^[^a-z]+$/i) });
  expect(headers['content-language']).toBe(language);
});
