import { beforeAll, describe, expect, test } from 'vitest';
import { anAppOf, type SigningApp, signatureOf } from '../device.ts';
import { aCustomer, type Person } from '../people.ts';
import { system } from '../running-system.ts';
import { type Knock, knock } from './knock.ts';

/* What outsiders send where a signature, a date, a position or the body of a GET belongs. */

let person: Person;
let app: SigningApp;
beforeAll(async () => {
  person = await aCustomer();
  app = await anAppOf(person);
});

type Headers = Record<string, string | string[]>;
const ask = (headers: Headers, wish: Partial<Knock> = {}) =>
  knock(system.gatewayUrl, { method: 'GET', path: '/me', ...wish, headers });
const signed = (path = '/me'): Record<string, string> => ({ ...signatureOf(app, { path }) });
const base64 = (length: number) => Buffer.alloc(length, 7).toString('base64');

const inside = /node_modules|\bat .+\.ts:\d|SELECT |INSERT |Unexpected token|Cannot read/;

/** Never in, never a fault of ours, and no word of what is inside; 401 only where somebody is named and did not sign. */
async function isRefused(headers: Headers, statuses: readonly number[], path = '/me'): Promise<void> {
  const { status, text } = await ask(headers, { path });
  expect(statuses, `${status} ${text.slice(0, 200)}`).toContain(status);
  expect(text).not.toMatch(inside);
}

test('a good signature opens the door, so that what follows is refused for what is wrong with it', async () => {
  expect((await ask(signed())).status).toBe(200);
});

describe.each(['/me', '/api/client/mobile/1.0/account', '/products'])('an Authentication header at %s', (path) => {
  test.each<[string, (good: string) => string | string[]]>([
    ['of ten thousand signs', (good) => `${good}${'A'.repeat(10_000)}`],
    ['with a digest of ten thousand signs', (good) => good.replace(/[^:]+$/, base64(7_500))],
    ['twice', (good) => [good, good]],
    ['twice in one', (good) => `${good}, ${good}`],
    ['of another scheme', (good) => good.replace('hmac', 'Bearer')],
    ['of Basic', () => `Basic ${Buffer.from('operator@forecourt.local:operator-demo').toString('base64')}`],
    ['of a scheme alone', () => 'hmac'],
    ['of a scheme and a space', () => 'hmac '],
    ['that is empty', () => ''],
    ['with a nonce of a thousand digits', (good) => good.replace(/:\d+:/, `:${'9'.repeat(1_000)}:`)],
    ['with a nonce that is no number', (good) => good.replace(/:\d+:/, ':NaN:')],
    ['with a nonce below zero', (good) => good.replace(/:\d+:/, ':-1e9:')],
    ['with an id of a thousand digits', (good) => good.replace(/ \d+:/, ` ${'1'.repeat(1_000)}:`)],
    ['with an id in hexadecimal', (good) => good.replace(/ \d+:/, ' 0x10:')],
    ['with an id that is SQL', (good) => good.replace(/ \d+:/, " 1' OR '1'='1:")],
    ['in full-width digits', (good) => Buffer.from(good.replace(/ \d+:/, ' １２３:')).toString('latin1')],
    ['with bytes that are no text', (good) => `${good}\xff\xfe`],
    ['with a digest of nothing', (good) => good.replace(/[^:]+$/, '')],
    ['with more parts', (good) => `${good}:more`],
    ['with fewer parts', (good) => good.replace(/:[^:]+$/, '')],
    ['with a line that is folded', (good) => good.replace(' ', '\t ')],
  ])('%s is refused as malformed, and as nothing of ours', async (_what, spoil) => {
    const headers = signed(path);
    await isRefused({ ...headers, authentication: spoil(headers.authentication as string) }, [400, 401, 431], path);
  });

  test('with a digest of another length, or of nobody, is a 401 in the same words', async () => {
    const answers = await Promise.all(
      [
        (good: string) => good.replace(/[^:]+$/, base64(32)),
        (good: string) => good.replace(/ \d+:/, ' 9007199254740991:'),
      ].map(async (spoil) => {
        const headers = signed(path);
        const { status, text } = await ask(
          { ...headers, authentication: spoil(headers.authentication as string) },
          { path },
        );
        return [status, text];
      }),
    );
    expect(answers[0]?.[0]).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
  });
});

test.each([
  'yesterday',
  '',
  '0',
  '1'.repeat(400),
  '2026-11-21T00:00:00Z',
  'Tue, 24 Jan 2017 16:24:27 +0600',
  'Tue, 31 Feb 2026 16:24:27 GMT',
  'Tue, 24 Jan 99999 16:24:27 GMT',
  'Tue, 24 Jan 2017 25:61:61 GMT',
  'Tue, 24 Jan 2017 16:24:27 +9999',
  'Tue, 24 Jan 2017 16:24:27 MSK',
  'Thu, 01 Jan 1970 00:00:00 GMT',
  'Date: now',
  Buffer.from('вівторок').toString('latin1'),
])('a Date that is "%s" is a 400, even when it is signed', async (date) => {
  await isRefused({ ...signatureOf(app, { path: '/me', date }), 'x-hive-date': date }, [400]);
});

test.each([
  ['nothing', ''],
  ['one number', '55.0355'],
  ['three', '55.0355 73.3012 12'],
  ['a comma', '55.0355,73.3012'],
  ['two spaces', '55.0355  73.3012'],
  ['beyond the pole', '91 0'],
  ['beyond the date line', '0 181'],
  ['no numbers', 'NaN Infinity'],
  ['hexadecimal', '0x10 0x10'],
  ['a huge exponent', '1e999 1'],
  ['ten thousand digits', `${'1'.repeat(5_000)} ${'1'.repeat(5_000)}`],
])('a position that is %s is -10002 to an app', async (_what, position) => {
  const headers = { 'hive-profile': 'demo', 'x-hive-gps-position': position };
  const { status, text } = await ask(headers, { path: '/api/client/mobile/1.0/time' });
  expect([status, JSON.parse(text).code]).toEqual([400, -10002]);
});

test.each([
  ['no JSON', '{"client_id":'],
  ['a list', '[]'],
  ['a number', '7'],
  ['another id of another shape', '{"client_id":7}'],
  ['a field too many', '{"client_id":"7febf16f-651b-43b0-a5e3-0da8da49e90d","also":1}'],
  ['an operator’s prototype', '{"__proto__":{"role":"operator"}}'],
  ['nested without end', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['a megabyte', `{"client_id":"${'a'.repeat(1_000_000)}"}`],
])('a GET whose body is %s is refused in the words of the dialect', async (_what, body) => {
  const { status, text } = await ask(
    {
      authorization: `Bearer ${person.auth.bearer}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    },
    { path: '/api/v1/clients', body },
  );
  expect([400, 413], text.slice(0, 200)).toContain(status);
  expect(JSON.parse(text)).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  expect(text).not.toMatch(inside);
});
