import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../../../test/sms-gateway.ts';
import type { OutgoingMessage } from '../../message/provider.ts';
import { httpGateway } from './provider.ts';
import { HttpGatewaySettings } from './settings.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.requests.length = 0;
});

const nasty = 'Код: "123456"\\ & <b>=#?%{{to}}\n';
const message: OutgoingMessage = {
  id: 'message-id',
  channel: 'sms',
  recipient: '+97688123456',
  language: 'mn',
  subject: null,
  text: nasty,
  html: null,
  notAfter: null,
};
const send = (wishes: object, answer: { status?: number; body: string }) => {
  const settings = HttpGatewaySettings.parse({ kind: 'http', name: 'trial', channels: ['sms'], ...wishes });
  gateway.behave = (response) => void response.writeHead(answer.status ?? 200).end(answer.body);
  return httpGateway(settings).send(message, { id: 'call-id', signal: AbortSignal.timeout(10_000) });
};
const heard = () => {
  const [request] = gateway.requests;
  if (!request) throw new Error('nothing was sent');
  return { ...request, url: new URL(request.path, gateway.url) };
};

describe('what is sent', () => {
  test('as JSON keeps every text in its place, at any depth', async () => {
    const body = {
      messages: [{ to: '{{ to }}', digits: '{{toDigits}}', n: 1, urgent: true }],
      text: 'A: {{text}}',
      from: '{{from}}',
    };
    await send({ url: gateway.url, body, from: 'Shop', headers: { 'Idempotency-Key': '{{id}}' } }, { body: '' });
    expect(heard()).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'call-id' },
    });
    expect(JSON.parse(heard().body)).toEqual({
      messages: [{ to: '+97688123456', digits: '97688123456', n: 1, urgent: true }],
      text: `A: ${nasty}`,
      from: 'Shop',
    });
  });

  test('as a form keeps every text in its place', async () => {
    const body = { to: '{{to}}', text: '{{text}}', coding: '2' };
    await send({ url: gateway.url, format: 'form', body }, { body: '' });
    expect(heard().headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(heard().body))).toEqual({
      to: message.recipient,
      text: nasty,
      coding: '2',
    });
  });

  test('in a URL keeps every text in its place, beside what is there already', async () => {
    const query = { to: '{{toNational}}', text: '{{text}}' };
    await send({ url: `${gateway.url}?key=a%26b`, method: 'GET', query }, { body: '' });
    expect(heard()).toMatchObject({ method: 'GET', body: '' });
    expect(Object.fromEntries(heard().url.searchParams)).toEqual({ key: 'a&b', to: '88123456', text: nasty });
  });
});

describe('a Mongolian gateway, which takes national numbers by GET and answers a list', () => {
  const settings = () => ({
    url: gateway.url,
    method: 'GET',
    headers: { 'x-api-key': 'secret' },
    query: { from: '{{from}}', to: '{{toNational}}', text: '{{text}}' },
    from: '72000000',
    answer: { verdictAt: '/0/Result', referenceAt: '/0/Message ID', taken: ['SUCCESS'] },
  });

  test.each([
    ['[{"Result":"SUCCESS","Message ID":137}]', { outcome: 'taken', reference: '137' }],
    ['[{"Result":"FAILED"}]', { outcome: 'later', reason: 'answered 200 with the verdict FAILED' }],
    ['[]', { outcome: 'in_doubt', reason: 'answered 200 unreadably' }],
    ['{"0":{"Result":null}}', { outcome: 'in_doubt', reason: 'answered 200 unreadably' }],
    ['null', { outcome: 'in_doubt', reason: 'answered 200 unreadably' }],
  ])('is understood: %s', async (body, answer) => {
    expect(await send(settings(), { body })).toEqual(answer);
  });
});

describe('a Georgian gateway, which takes a form and answers a line of text', () => {
  const settings = () => ({
    url: gateway.url,
    format: 'form',
    body: { username: 'shop', password: 'secret', service_id: '1', to: '{{toDigits}}', text: '{{text}}', coding: '2' },
    answer: {
      pattern: '^(?<verdict>\\d{4})(?:\\s*-\\s*(?<reference>\\S+))?',
      taken: ['0000'],
      refused: ['0006', '0007'],
    },
  });

  test.each([
    ['0000 - 1234567', { outcome: 'taken', reference: '1234567' }],
    ['0000-000001', { outcome: 'taken', reference: '000001' }],
    ['0007', { outcome: 'refused', reason: 'answered 200 with the verdict 0007' }],
    ['0001', { outcome: 'later', reason: 'answered 200 with the verdict 0001' }],
    ['Service unavailable', { outcome: 'in_doubt', reason: 'answered 200 unreadably' }],
  ])('is understood: %s', async (body, answer) => {
    expect(await send(settings(), { body })).toEqual(answer);
  });
});

test.each([
  ['true', true],
  ['0', 0],
])('a verdict may be %s', async (body, verdict) => {
  const answer = { verdictAt: '', taken: [verdict] };
  const wishes = { url: gateway.url, body: { to: '{{to}}', text: '{{text}}' }, answer };
  expect(await send(wishes, { body })).toEqual({ outcome: 'taken', reference: null });
});

test('where the status says it all, nothing else is read', async () => {
  const wishes = { url: gateway.url, body: { to: '{{to}}', text: '{{text}}' }, answer: { statuses: [202] } };
  expect(await send(wishes, { status: 202, body: 'whatever' })).toEqual({ outcome: 'taken', reference: null });
  expect(await send(wishes, { status: 200, body: '' })).toEqual({ outcome: 'later', reason: 'answered 200' });
});

test('of a verdict or a name that could be anything, nothing is kept', async () => {
  const wishes = {
    url: gateway.url,
    body: { to: '{{to}}', text: '{{text}}' },
    answer: { verdictAt: '/v', referenceAt: '/r', taken: ['ok'] },
  };
  expect(await send(wishes, { body: '{"v":"<script>\\u0000","r":"x"}' })).toEqual({
    outcome: 'later',
    reason: 'answered 200 with the verdict unknown',
  });
  for (const reference of ['a\\nb', 'x'.repeat(101), '']) {
    expect(await send(wishes, { body: `{"v":"ok","r":"${reference}"}` })).toEqual({
      outcome: 'taken',
      reference: null,
    });
  }
});

test('a gateway that is not there has certainly sent nothing', async () => {
  const closed = await startGateway();
  await closed.close();
  const wishes = { url: closed.url, body: { to: '{{to}}', text: '{{text}}' } };
  expect(await send(wishes, { body: '' })).toEqual({ outcome: 'later', reason: 'could not be reached: ECONNREFUSED' });
});
