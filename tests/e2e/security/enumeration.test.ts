import { createHmac, randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startAnotherIdentity } from '../another-identity.ts';
import { aProduct, changeProduct, removeProduct } from '../catalogue.ts';
import { messageSaying } from '../mailbox.ts';
import { operate, operatorReads } from '../operator.ts';
import { lineOf, type OrderBody, orderFor, placedOrder } from '../orders.ts';
import { aCustomer, anEmail, aPassword, aPhone, type Person } from '../people.ts';
import { system } from '../running-system.ts';
import { type Answer, type Knock, knock } from './knock.ts';
import { compact } from './stolen-key.ts';

let known: Person;
let blocked: Person;
let guest: OrderBody;
let blockedClient: string;
let hidden: { id: string; slug: string };
let removed: { id: string; slug: string };

beforeAll(async () => {
  [known, blocked] = [await aCustomer(), await aCustomer()];
  await operate('post', `/admin/customers/${blocked.customer.id}/block`, undefined);
  blockedClient = (await operatorReads<{ uuid: string }>(`/admin/customers/${blocked.customer.id}`)).uuid;
  const [product, secret, gone] = [await aProduct(), await aProduct(), await aProduct()];
  guest = orderFor([lineOf(product)]);
  await placedOrder(guest);
  [hidden, removed] = [secret, gone];
  await changeProduct(secret, { active: false });
  await removeProduct(gone);
  // Each process of the catalogue hides them as soon as it has heard.
  for (const { id } of [hidden, removed])
    await until(async () => (await ask({ method: 'GET', path: `/products/${id}` })).status === 404);
});

const ask = (wish: Knock, origin = system.gatewayUrl): Promise<Answer> => knock(origin, wish);
const post = (path: string, body: unknown): Knock => ({ method: 'POST', path, body });

const login = (login: string): Knock =>
  post('/auth/login', { login, password: 'not the password', clientId: randomUUID() });
const forgot = (email: string): Knock => post('/auth/forgot-password', { email });
const refresh = (refreshToken: string): Knock => post('/auth/refresh', { refreshToken });
const reset = (token: string): Knock => post('/auth/reset-password', { token, newPassword: aPassword() });
/** By a customer whom neither is. */
const client = (id: string, wish: Partial<Knock> = {}): Knock => ({
  method: 'GET',
  path: `/api/v1/clients/${id}`,
  headers: { authorization: `Bearer ${known.auth.bearer}` },
  ...wish,
});
const clientInBody = (client_id: string): Knock => {
  const body = JSON.stringify({ client_id });
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  const asked = client(client_id);
  return { ...asked, path: '/api/v1/clients', headers: { ...asked.headers, ...headers }, body };
};
const product = (idOrSlug: string): Knock => ({ method: 'GET', path: `/products/${idOrSlug}` });
const history = (phone: string, clientId: string): Knock => ({
  method: 'GET',
  path: `/orders/history?${new URLSearchParams({ phone, clientId })}`,
});
const link = (sub: string) =>
  compact(
    { header: { alg: 'HS256', typ: 'reset+jwt' }, claims: { sub, purpose: 'password-reset', fp: 'x', exp: 4e9 } },
    (input) => createHmac('sha256', 'guessed').update(input).digest(),
  );

/** What may differ between any two answers. */
const chance = ['date', 'x-request-id', 'ratelimit-remaining', 'ratelimit-reset', 'keep-alive', 'connection'];

/** All that an answer tells, but for the words that the caller sent. */
function told({ status, headers, text }: Answer, { path }: Knock) {
  const word = path.split('?')[0]?.split('/').at(-1) ?? '';
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !chance.includes(name)));
  const length = Number(headers['content-length'] ?? 0) - (text.includes(word) ? word.length : 0);
  return { status, headers: { ...rest, 'content-length': length }, text: text.replace(word, '…') };
}

const pairs: [string, () => [of: Knock, nobody: Knock]][] = [
  ['a login with an e-mail address', () => [login(known.registration.email), login(anEmail())]],
  ['a login with a phone', () => [login(known.registration.phone), login(aPhone())]],
  ['a login of somebody blocked', () => [login(blocked.registration.email), login(anEmail())]],
  ['a login of an operator', () => [login('operator@forecourt.local'), login(anEmail())]],
  ['a forgotten password', () => [forgot(known.registration.email), forgot(anEmail())]],
  ['a forgotten password of somebody blocked', () => [forgot(blocked.registration.email), forgot(anEmail())]],
  ['a refresh token of somebody blocked', () => [refresh(blocked.tokens.refreshToken), refresh('x'.repeat(43))]],
  ['a link for a password', () => [reset(link(known.customer.id)), reset(link('0'.repeat(24)))]],
  ['a link that is none', () => [reset(link(known.customer.id)), reset('nonsense')]],
  ['a partner’s client', () => [client(blockedClient), client(randomUUID())]],
  ['a partner’s client whom the body names', () => [clientInBody(blockedClient), clientInBody(randomUUID())]],
  ['a product that is hidden', () => [product(hidden.id), product('0'.repeat(24))]],
  ['the address of a product that is hidden', () => [product(hidden.slug), product('never-was')]],
  ['a product that was removed', () => [product(removed.id), product('0'.repeat(24))]],
  ['the orders of a phone', () => [history(guest.phone, randomUUID()), history(aPhone(), randomUUID())]],
  ['the orders of a browser', () => [history(aPhone(), guest.clientId), history(aPhone(), randomUUID())]],
];

test.each(pairs)('%s is answered alike whether or not there is one', async (_what, pair) => {
  const [of, nobody] = pair();
  expect(told(await ask(of), of)).toEqual(told(await ask(nobody), nobody));
});

test.each([
  ['of a customer', () => `/admin/customers/${known.customer.id}`],
  ['of a product', () => `/admin/products/${hidden.id}`],
])('who may not ask is told the same about an id %s as about any', async (_what, path) => {
  for (const headers of [{}, { authorization: `Bearer ${known.auth.bearer}` }]) {
    const [of, nobody] = [path(), path().replace(/[^/]+$/, '0'.repeat(24))];
    const say = async (one: string) => {
      const { status, text } = await ask({ method: 'GET', path: one, headers });
      return [status, text.replace(/"requestId":"[^"]+"/, '')];
    };
    expect(await say(of)).toEqual(await say(nobody));
  }
});

describe('the time that an answer takes tells as little', () => {
  const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;

  /** One of each in turn, so that whatever else the machine does falls on both. */
  async function compare(
    [of, nobody]: [Knock, Knock],
    samples: number,
    origin = system.gatewayUrl,
  ): Promise<[number, number]> {
    const times: [number[], number[]] = [[], []];
    for (let n = 0; n < samples * 2; n += 1) {
      const side = (n % 2) as 0 | 1;
      const began = performance.now();
      await ask([of, nobody][side] as Knock, origin);
      times[side].push(performance.now() - began);
    }
    return [median(times[0]), median(times[1])];
  }

  // What is really different is so every time; what only happened to be is not.
  test.each([
    ['a forgotten password', () => [forgot(blocked.registration.email), forgot(anEmail())], 120],
    ['a refresh token', () => [refresh(blocked.tokens.refreshToken), refresh('x'.repeat(43))], 120],
    ['a partner’s client', () => [client(blockedClient), client(randomUUID())], 200],
    ['a product that is hidden', () => [product(hidden.id), product('0'.repeat(24))], 200],
    ['the orders of a phone', () => [history(guest.phone, randomUUID()), history(aPhone(), randomUUID())], 200],
  ] as [string, () => [Knock, Knock], number][])('%s', async (_what, pair, samples) => {
    const rounds: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const [of, nobody] = await compare(pair(), samples);
      if (Math.abs(of - nobody) < Math.max(1, 0.25 * nobody)) return;
      rounds.push(`${of.toFixed(2)} ms, ${nobody.toFixed(2)} ms of what is not there`);
    }
    expect(rounds).toEqual([]);
  });

  test('a login, where hashes cost what they do in production', async () => {
    const { client, origin, stop } = await startAnotherIdentity();
    onTestFinished(stop);
    const rounds: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      // Few for each account: after five wrong passwords it would have to wait, and so would a stranger.
      const people = await Promise.all(Array.from({ length: 6 }, () => aCustomer({}, client)));
      const samples: [number, number][] = [];
      for (const { registration } of people)
        samples.push(await compare([login(registration.phone), login(aPhone())], 2, origin));
      const [of, nobody] = [0, 1].map((side) => median(samples.map((pair) => pair[side] as number))) as [
        number,
        number,
      ];
      if (Math.abs(of - nobody) < 0.25 * nobody) return;
      rounds.push(`${of.toFixed(1)} ms, ${nobody.toFixed(1)} ms of nobody`);
    }
    expect(rounds).toEqual([]);
  });
});

test('the link in a mail leads to our own site, whatever host the asker names', async () => {
  const { email } = (await aCustomer()).registration;
  const evil = 'evil.example';
  await ask({
    ...forgot(email),
    headers: {
      host: evil,
      'x-forwarded-host': evil,
      'x-original-host': evil,
      forwarded: `host=${evil}`,
      origin: `https://${evil}`,
      referer: `https://${evil}/`,
    },
  });
  const { text } = await messageSaying(email, 'reset-password');
  expect(text).toContain('http://localhost:5173/reset-password?token=');
  expect(text).not.toContain(evil);
});
