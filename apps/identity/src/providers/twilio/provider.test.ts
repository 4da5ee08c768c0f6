import { testClock } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../../../test/sms-gateway.ts';
import type { OutgoingMessage } from '../../message/provider.ts';
import { twilio } from './provider.ts';
import { TwilioSettings } from './settings.ts';

const clock = testClock();
const accountSid = `AC${'0'.repeat(32)}`;
let server: TestGateway;
beforeAll(async () => {
  server = await startGateway();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  answers(201, { sid: 'SM123', status: 'queued', error_code: null });
});

const answers = (status: number, body: unknown, headers: Record<string, string> = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  server.behave = (response) => void response.writeHead(status, headers).end(text);
};
const send = (wishes: Partial<OutgoingMessage> = {}, settings: object = {}) => {
  const message: OutgoingMessage = {
    id: 'message-id',
    channel: 'sms',
    recipient: '+380971112233',
    language: 'uk',
    subject: null,
    text: 'Код: 123456 & нікому',
    html: null,
    notAfter: null,
    ...wishes,
  };
  const parsed = TwilioSettings.parse({
    kind: 'twilio',
    channels: ['sms', 'voice'],
    accountSid,
    authToken: 'token',
    from: '+15005550006',
    apiUrl: new URL(server.url).origin,
    ...settings,
  });
  return twilio(parsed, clock).send(message, { id: 'call-id', signal: AbortSignal.timeout(10_000) });
};
const heard = () => {
  const [request] = server.requests;
  if (!request) throw new Error('nothing was sent');
  return { ...request, form: Object.fromEntries(new URLSearchParams(request.body)) };
};

test('an SMS is one form to the account’s messages, under its name and token', async () => {
  expect(await send()).toEqual({ outcome: 'taken', reference: 'SM123' });
  expect(heard()).toMatchObject({
    method: 'POST',
    path: `/2010-04-01/Accounts/${accountSid}/Messages.json`,
    headers: {
      authorization: `Basic ${Buffer.from(`${accountSid}:token`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });
  expect(heard().form).toEqual({ To: '+380971112233', From: '+15005550006', Body: 'Код: 123456 & нікому' });
});

test('an API key and a messaging service do as well', async () => {
  const apiKeySid = `SK${'1'.repeat(32)}`;
  const messagingServiceSid = `MG${'2'.repeat(32)}`;
  const keyed = { authToken: undefined, apiKeySid, apiKeySecret: 'secret', messagingServiceSid, from: undefined };
  await send({}, { ...keyed, channels: ['sms'] });
  expect(heard().headers.authorization).toBe(`Basic ${Buffer.from(`${apiKeySid}:secret`).toString('base64')}`);
  expect(heard().form).toMatchObject({ MessagingServiceSid: messagingServiceSid });
  expect(heard().form).not.toHaveProperty('From');
});

test.each([
  [299.5, '299'],
  [0.5, '1'],
  [100_000, '36000'],
])('an SMS that keeps %d seconds lies in their queue for %s at the most', async (seconds, validity) => {
  await send({ notAfter: new Date(clock().getTime() + seconds * 1000) });
  expect(heard().form.ValidityPeriod).toBe(validity);
});

describe('a call', () => {
  test('reads the text in its language, with whatever it holds as text', async () => {
    await send({ channel: 'voice', text: '1, 2, 3 <&"', language: 'ru' });
    expect(heard().path).toBe(`/2010-04-01/Accounts/${accountSid}/Calls.json`);
    expect(heard().form).toEqual({
      To: '+380971112233',
      From: '+15005550006',
      Timeout: '30',
      Twiml: '<Response><Say language="ru-RU">1, 2, 3 &lt;&amp;&quot;</Say></Response>',
    });
  });

  test.each([
    ['uk', 'language="uk-UA" voice="Google.uk-UA-Standard-A"'],
    ['en', 'language="en-US"'],
    ['mn', 'language="mn-MN" voice="Some.Voice"'],
  ] as const)('in %s has a voice of it', async (language, attributes) => {
    await send({ channel: 'voice', language }, { voices: { mn: { language: 'mn-MN', voice: 'Some.Voice' } } });
    expect(heard().form.Twiml).toContain(`<Say ${attributes}>`);
  });

  test('is not made in a language without a voice', () => {
    const settings = { kind: 'twilio', channels: ['voice'], accountSid, authToken: 'token', from: '+15005550006' };
    expect([...(twilio(TwilioSettings.parse(settings), clock).speaks ?? [])].sort()).toEqual(['en', 'ru', 'uk']);
  });
});

describe('an error is told apart:', () => {
  test.each([
    [400, 21211, 'refused'], // no such number
    [400, 21614, 'refused'], // no mobile
    [400, 21408, 'refused'], // that country is not switched on
    [400, 99999, 'refused'],
    [400, 21610, 'unwanted'],
    [400, 21212, 'later'], // our own number is wrong
    [400, 21606, 'later'],
    [401, 20003, 'later'],
    [403, 20403, 'later'],
    [404, 20404, 'later'],
    [429, 20429, 'later'],
    [500, 20500, 'later'],
    [503, 20503, 'later'],
    [504, 20504, 'in_doubt'],
  ] as const)('%i with %i is %s', async (status, code, outcome) => {
    answers(status, { code, message: 'The number +380971112233 …', more_info: 'https://…', status });
    expect(await send()).toEqual({ outcome, reason: `answered ${status}, error ${code}` });
  });

  test('an answer of a machine before theirs', async () => {
    answers(502, '<html>Bad gateway</html>');
    expect(await send()).toEqual({ outcome: 'later', reason: 'answered 502' });
  });

  test('when to come back', async () => {
    answers(429, { code: 20429 }, { 'retry-after': '17' });
    expect(await send()).toMatchObject({ outcome: 'later', retryAfterSeconds: 17 });
    answers(503, {}, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    expect(await send()).toMatchObject({ retryAfterSeconds: expect.toSatisfy((n: number) => n > 50 && n <= 60) });
    for (const nonsense of ['soon', '-1', '0', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
      answers(503, {}, { 'retry-after': nonsense });
      expect(await send()).not.toHaveProperty('retryAfterSeconds');
    }
  });

  test.each([[''], ['{}'], ['{"sid":7}'], ['{"sid":"<b>"}'], ['[]'], ['null']])(
    'a success that says %j',
    async (body) => {
      answers(201, body);
      expect(await send()).toEqual({ outcome: 'in_doubt', reason: 'answered 201 unreadably' });
    },
  );
});
