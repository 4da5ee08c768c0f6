import { randomInt, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { aNewClient } from '../clients/client.ts';
import { askForCode, codeTo, enterCode } from '../codes.ts';
import { operate } from '../operator.ts';
import { aCustomer, anEmail, aPhone, type Person } from '../people.ts';
import { system } from '../running-system.ts';
import { type Answer, type Knock, knock } from './knock.ts';

/* Whoever asks for a code, or enters one, hears nothing of whether somebody has the phone or the address. */

let caller: Person;
let blocked: Person;

beforeAll(async () => {
  [caller, blocked] = [await aCustomer(), await aCustomer()];
  await operate('post', `/admin/customers/${blocked.customer.id}/block`, undefined);
});

const ask = (wish: Knock): Promise<Answer> => knock(system.gatewayUrl, wish);
const registration = '/api/client/mobile/1.0/registration';
const app = { 'hive-profile': 'demo' };

const request = (phone: string): Knock => ({
  method: 'POST',
  path: '/auth/request-code',
  body: { phone, clientId: randomUUID() },
});
const submit = (phone: string): Knock => ({
  method: 'POST',
  path: `${registration}/submit`,
  headers: app,
  body: { phone },
});
const verify = (phone: string): Knock => ({
  method: 'POST',
  path: '/auth/verify-code',
  body: { phone, clientId: randomUUID(), requestId: randomUUID(), code: '123456' },
});
const own = (path: string, body: object): Knock => ({
  method: 'POST',
  path,
  headers: { authorization: `Bearer ${caller.auth.bearer}` },
  body: { ...body, password: caller.registration.password },
});
const forgot = (email: string): Knock => ({ method: 'POST', path: '/auth/forgot-password', body: { email } });

/** What may differ between any two answers. */
const chance = /^(date|x-request-id|ratelimit-\w+|keep-alive|connection|content-length)$/;

/** All that an answer tells, but for the names of requests, which nobody can foresee. */
function told({ status, headers, text }: Answer) {
  const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => !chance.test(name)));
  return {
    status,
    headers: rest,
    text: text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'uuid').replace(/"id":\d+/, '"id":number'),
  };
}

/** Someone with a phone that is proved, and one who only claims theirs. */
const proved = async (): Promise<string> => {
  const asked = await askForCode();
  expect((await enterCode(asked, await codeTo(asked.phone))).status).toBe(201);
  return asked.phone;
};
const claimed = async () => (await aCustomer()).registration.phone;
const somebodys = async () => (await aCustomer()).registration.email;
const blockedPhone = async () => blocked.registration.phone;
const nobodys = async () => aPhone();

test.each([
  ['a code for the shop', request, [proved, claimed, blockedPhone, nobodys]],
  ['a code for an app', submit, [proved, claimed, nobodys]],
  ['a code that nobody asked for', verify, [proved, claimed, blockedPhone, nobodys]],
  ['a phone that is to be mine', (phone: string) => own('/me/phone', { phone }), [claimed, nobodys]],
  ['an address that is to be mine', (email: string) => own('/me/email', { email }), [somebodys, async () => anEmail()]],
  [
    'a forgotten password, whose link goes to a phone',
    forgot,
    [addressOfAProvedPhone, somebodys, async () => anEmail()],
  ],
] as [string, (whose: string) => Knock, (() => Promise<string>)[]][])(
  '%s is answered alike whoever has it, and if nobody does',
  async (_what, wish, whose) => {
    const answers: ReturnType<typeof told>[] = [];
    for (const make of whose) answers.push(told(await ask(wish(await make()))));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]?.status).toBeLessThan(500);
  },
);

/** Of an account that opened with an address that it has not proved, and has proved its phone. */
async function addressOfAProvedPhone(): Promise<string> {
  const { phone, email } = (await aCustomer()).registration;
  const asked = await askForCode(undefined, phone);
  expect((await enterCode(asked, await codeTo(phone))).status).toBe(201);
  return email;
}

test('what is entered or sent again for a known phone is refused as for an unknown one', async () => {
  const refusals = await Promise.all(
    [await claimed(), aPhone()].map(async (phone) => {
      const { id } = JSON.parse((await ask(submit(phone))).text) as { id: number };
      const get = (path: string) => ask({ method: 'GET', path: `${registration}/${path}`, headers: app });
      return [
        told(await get(`confirm?id=${id}&code=1`)),
        told(await get(`confirm?id=${id}&code=99999999`)),
        told(await get(`resubmit?id=${randomInt(2 ** 31)}`)),
      ];
    }),
  );
  expect(refusals[0]).toEqual(refusals[1]);
});

test('who makes a client learns that an address or phone is taken, which is the document’s, and no more', async () => {
  const known = (await aCustomer()).registration;
  const make = async (wishes: object) =>
    ask({ method: 'POST', path: '/api/v1/clients', body: { ...aNewClient(), ...wishes } });
  const [address, phone] = [await make({ email: known.email }), await make({ phone: known.phone })];
  expect([address.status, phone.status]).toEqual([409, 409]);
  for (const { text } of [address, phone]) expect(text).not.toMatch(/[0-9a-f]{24}|[0-9a-f-]{36}|Іван/);
});

describe('the time that an answer takes tells as little', () => {
  const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] as number;

  // Each phone has one code to ask for, so each is another; one of each in turn, so that what the machine does falls on both.
  test.each([
    ['a code for the shop', request],
    ['a code for an app', submit],
  ])(
    '%s',
    async (_what, wish) => {
      const rounds: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        const known: string[] = [];
        for (let n = 0; n < 20; n += 1) known.push(await claimed());
        const times: [number[], number[]] = [[], []];
        for (const phone of known) {
          for (const [side, one] of [phone, aPhone()].entries()) {
            const began = performance.now();
            expect((await ask(wish(one))).status).toBeLessThan(300);
            times[side as 0 | 1].push(performance.now() - began);
          }
        }
        const [of, nobody] = [median(times[0]), median(times[1])];
        if (Math.abs(of - nobody) < Math.max(1.5, 0.25 * nobody)) return;
        rounds.push(`${of.toFixed(2)} ms, ${nobody.toFixed(2)} ms of nobody`);
      }
      expect(rounds).toEqual([]);
    },
    60_000,
  );
});
