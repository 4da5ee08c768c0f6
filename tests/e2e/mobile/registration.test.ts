import { expect, test } from 'vitest';
import { anotherCode, codeTo } from '../codes.ts';
import { messagesTo } from '../mailbox.ts';
import { aPhone } from '../people.ts';
import { gateway } from '../storefront-client.ts';
import { aSubmission, ask } from './app.ts';

const info = {
  lastName: 'Петров',
  firstName: 'Пётр',
  middleName: 'Петрович',
  gender: 0,
  birthDate: '1990-05-17T00:00:00+06:00',
};

test('submit, resubmit and confirm answer as the document prints them', async () => {
  const submitted = await ask('POST', '/registration/submit', {
    body: { phone: aPhone(), confirmationType: 'sms', info, referralCode: 'AB1' },
  });
  expect([submitted.status, Object.keys(submitted.body)]).toEqual([200, ['id']]);
  expect(submitted.body.id).toBeGreaterThan(0);
  expect(submitted.body.id).toBeLessThan(2 ** 31);

  const { id, code } = await aSubmission({ info });
  const confirmed = await ask('GET', `/registration/confirm?id=${id}&code=${code}`);
  expect([confirmed.status, confirmed.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(confirmed.body).toEqual({ id: expect.any(Number), key: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) });
  expect(Buffer.from(confirmed.body.key, 'base64')).toHaveLength(32);
  expect(confirmed.headers['cache-control']).toBe('no-store');
});

test('a voice call says the code, and a resubmit makes the one before worth nothing', async () => {
  const phone = aPhone();
  const { body } = await ask('POST', '/registration/submit', { body: { phone, confirmationType: 'voice' } });
  const first = await codeTo(phone, gateway);
  expect((await messagesTo(phone))[0]?.channel).toBe('voice');
  const resubmitted = await resubmitUntilSent(`/registration/resubmit?id=${body.id}&confirmationType=sms`);
  expect([resubmitted.status, resubmitted.body]).toEqual([200, {}]);
  const second = await codeTo(phone, gateway, 2);
  expect((await messagesTo(phone))[0]?.channel).toBe('sms');
  if (second !== first) {
    expect(await ask('GET', `/registration/confirm?id=${body.id}&code=${first}`)).toMatchObject({
      status: 400,
      body: { code: -10008, message: 'Неверный или просроченный код' },
    });
  }
  expect((await ask('GET', `/registration/confirm?id=${body.id}&code=${second}`)).status).toBe(200);
});

/** The cool-down of a developer's system is a second: asked again once that is over. */
async function resubmitUntilSent(path: string) {
  for (;;) {
    const answer = await ask('GET', path);
    if (answer.body.code !== -10011) return answer;
    expect(answer.status).toBe(400);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
}

test('a code is taken once, five wrong ones are all there are, and a finished id is unknown', async () => {
  const used = await aSubmission();
  const confirm = ({ id }: { id: number }, code: string) => ask('GET', `/registration/confirm?id=${id}&code=${code}`);
  expect((await confirm(used, used.code)).status).toBe(200);
  const finished = { status: 400, body: { code: -10007, message: 'Этот запрос кода неизвестен или уже завершён' } };
  expect(await confirm(used, used.code)).toMatchObject(finished);
  expect(await ask('GET', `/registration/resubmit?id=${used.id}`)).toMatchObject(finished);

  const guessed = await aSubmission();
  for (let n = 1; n <= 5; n += 1) {
    expect(await confirm(guessed, anotherCode(guessed.code, n))).toMatchObject({ status: 400, body: { code: -10008 } });
  }
  expect(await confirm(guessed, guessed.code)).toMatchObject({ status: 400, body: { code: -10008 } });
});

test('of five equal confirmations at once one gets the key', async () => {
  const { id, code } = await aSubmission();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ask('GET', `/registration/confirm?id=${id}&code=${code}`)),
  );
  expect(answers.map(({ status, body }) => body.code ?? status).sort()).toEqual([-10007, -10007, -10007, -10007, 200]);
});

test('countries and time are open, in the language of the request', async () => {
  const { status, body } = await ask('GET', '/countries');
  expect(status).toBe(200);
  expect(body.length).toBeGreaterThanOrEqual(249);
  expect(body).toContainEqual({ name: 'Украина', isoCode: 'UA', phoneCode: '380', phoneMask: '## ### ####' });
  const inGeorgian = await ask('GET', '/countries', { headers: { 'hive-profile': 'demo', 'accept-language': 'ka' } });
  expect(inGeorgian.body).toContainEqual(expect.objectContaining({ name: 'საქართველო', isoCode: 'GE' }));
  expect(inGeorgian.headers.etag).toBeDefined();
  const again = { 'hive-profile': 'demo', 'accept-language': 'ka', 'if-none-match': String(inGeorgian.headers.etag) };
  expect(await ask('GET', '/countries', { headers: again })).toMatchObject({ status: 304, body: '' });

  const time = await ask('GET', '/time');
  expect(time.text).toMatch(/^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"$/);
  expect(Math.abs(Date.now() - Date.parse(time.body))).toBeLessThan(600_000);
});
