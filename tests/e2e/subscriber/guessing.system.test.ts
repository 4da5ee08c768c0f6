import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherCode } from '../codes.ts';
import { startTestSystem, type TestSystem } from '../own-system.ts';
import { type HttpClient, httpClient } from '../storefront-client.ts';
import { aSubscriber, askFor, done, type Envelope, refused, validate } from './site.ts';

/*
 * With the limits of production and two processes of identity: whoever guesses comes through the gateway, many at once.
 */

let system: TestSystem;
let client: HttpClient;
beforeAll(async () => {
  const env = { ADDRESS_LIMIT_SCALE: '1', CODE_COOLDOWN_SECONDS: '1' };
  system = await startTestSystem({ scale: { identity: 2 }, env });
  client = httpClient(system.gateway);
}, 180_000);
afterAll(() => system?.stop(), 60_000);

const wrongOnes = (code: number, many: number): number[] =>
  Array.from({ length: many }, (_, n) => Number(anotherCode(String(code), n + 1)));
const tallied = (answers: readonly { status: number; body: Envelope }[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status, body }) => `${status} ${body.errorCode}`)].map(([kind, all]) => [
      kind,
      all.length,
    ]),
  );

describe.each([
  ['the cookie', (id: string) => ({ cookie: `verification=${id}` })],
  ['the header', (id: string) => ({ 'x-verification': id })],
])('sixty guesses at once, by %s', (_, headersOf) => {
  test('have five tries between them, and the right code none after that', async () => {
    const { code, verification } = await askFor('/register', await aSubscriber(client), { client });
    const call = { headers: headersOf(verification) };
    const answers = await Promise.all(wrongOnes(code, 60).map((guess) => validate(guess, call, client)));
    expect(tallied(answers)).toEqual({ '400 3': 5, '429 5': 55 });
    for (const { status, headers } of answers) expect(headers.has('retry-after')).toBe(status === 429);
    const right = await validate(code, call, client);
    expect([right.status, right.body]).toEqual([429, refused(5)]);
  });
});

test('a hundred guesses at once by the code alone have twenty between them, and use up nobody’s tries', async () => {
  const [one, two] = [
    await askFor('/restore', await aSubscriber(client), { client }),
    await askFor('/restore', await aSubscriber(client), { client }),
  ];
  const guesses = wrongOnes(one.code, 101)
    .filter((guess) => guess !== two.code)
    .slice(0, 100);
  const answers = await Promise.all(guesses.map((guess) => validate(guess, {}, client)));
  expect(tallied(answers)).toEqual({ '400 3': 20, '429 6': 80 });
  for (const { status, headers } of answers) expect(headers.has('retry-after')).toBe(status === 429);
  // The network is out of guesses, so that the right one is refused as well.
  const alone = await validate(one.code, {}, client);
  expect([alone.status, alone.body]).toEqual([429, refused(6)]);
  for (const { code, verification } of [one, two]) {
    const named = { headers: { 'x-verification': verification } };
    for (const guess of wrongOnes(code, 4)) expect((await validate(guess, named, client)).body).toEqual(refused(3));
    const entered = await validate(code, named, client);
    expect([entered.status, entered.body]).toEqual([200, done]);
  }
});

test('where a caller says that they come from counts for nothing', async () => {
  const claims: Record<string, string>[] = [{ 'x-forwarded-for': '198.51.100.1' }, { forwarded: 'for=198.51.100.2' }];
  for (const headers of claims) {
    const { status, body } = await validate(123_456, { headers }, client);
    expect([status, body]).toEqual([429, refused(6)]);
  }
});
