import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../history.ts';
import { type Crowd, patienceMs } from './crowd.ts';

/** Somebody with the drivers' app. */
export interface Driver {
  readonly phone: string;
  readonly customerId: string;
  readonly topic: string;
  token: string;
  /** With which they charge without the app. */
  card?: string;
  /** The last that they ended. */
  purchase?: string;
}

const tries = 10;
/** Of 200 ms: about two seconds. */
const looks = 10;
/** A provider that failed is given a rest, and what is to go out meanwhile waits for its end. */
const patientLooks = 150;

type Way = Pick<Crowd, 'client' | 'random' | 'operatorToken'>;

/** In by a code; whoever is new has an account then. Undefined when something is too broken for that just now. */
async function enter(crowd: Way, phone: string, most = looks): Promise<Driver | undefined> {
  const before = await newestTo(crowd, phone);
  const asked = await crowd.client.call({
    kind: 'request-code',
    method: 'POST',
    path: '/api/user/otp-request',
    body: { phone },
    timeoutMs: patienceMs(crowd),
  });
  if (asked.outcome !== 'ok') return undefined;
  const code = await codeTo(crowd, phone, { after: before?.id, most });
  if (code === undefined) return undefined;
  const operation = await crowd.client.call({
    kind: 'enter-code',
    method: 'POST',
    path: '/api/user/otp-check',
    body: { phone, code },
    learn: () => ({}),
    timeoutMs: patienceMs(crowd),
  });
  const customerId = await idOf(crowd, phone);
  if (operation.outcome !== 'ok' || customerId === undefined) return undefined;
  const { token, nats } = bodyOf<{ token: string; nats: { topic: string } }>(operation);
  return { phone, customerId, token, topic: nats.topic };
}

/** The same while nothing is broken: a machine with much to do may take longer than anybody waits, and is asked again. */
export async function enterSurely(way: Way, phone: string): Promise<Driver> {
  for (let times = 0; times < tries; times++) {
    const driver = await enter(way, phone, patientLooks);
    if (driver) return driver;
    // A code is not sent again before a minute is over.
    await sleep(8_000);
  }
  throw new Error(`${phone} could not sign in, and nothing is broken`);
}

/** Now and then an app that was put aside signs in again: its older token lives on. */
export async function driverReturns(crowd: Crowd): Promise<void> {
  const driver = crowd.random.pick(crowd.drivers);
  const { token } = (await enter(crowd, driver.phone)) ?? driver;
  driver.token = token;
}

interface Sent {
  readonly id: string;
  readonly text: string;
}

async function newestTo(way: Way, phone: string): Promise<Sent | undefined> {
  const { items = [] } = await way.client.peek<{ items?: Sent[] }>(`/dev/messages?to=${encodeURIComponent(phone)}`);
  return items[0];
}

/** The code that would have gone out by SMS; `after`: not this message, which was there before. */
export async function codeTo(
  way: Way,
  phone: string,
  { after, most = looks }: { after?: string | undefined; most?: number } = {},
): Promise<string | undefined> {
  for (let look = 0; look < most; look++) {
    const sent = await newestTo(way, phone);
    const code = sent && sent.id !== after ? /(?<!\d)\d{4,6}(?!\d)/.exec(sent.text)?.[0] : undefined;
    if (code !== undefined) return code;
    await sleep(200);
  }
  return undefined;
}

/** As an operator finds them: the app itself is not told. */
export async function idOf(crowd: Way, phone: string): Promise<string | undefined> {
  const { items = [] } = await crowd.client.peek<{ items?: { id: string }[] }>(
    `/admin/customers?search=${encodeURIComponent(phone)}`,
    crowd.operatorToken,
  );
  return items[0]?.id;
}

export const bodyOf = <Body>({ reply }: Operation): Body => JSON.parse(reply ?? '{}') as Body;
