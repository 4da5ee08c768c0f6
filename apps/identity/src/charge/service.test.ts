import { randomUUID } from 'node:crypto';
import { deviceChanged, sessionFinished, sessionMetered, sessionStarted } from '@forecourt/contracts';
import { dispatchMany } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import { aMessage, deliver, until } from '@forecourt/testing';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aCustomer } from '../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { chargePushes } from '../api/driver-pushes.ts';
import { issueBrokerCredential } from '../broker/credential.ts';
import { createPushLine } from '../push/line.ts';
import { createPushMetrics } from '../push/metrics.ts';
import { type PushingDeps, tellQueuedPushes } from '../push/service.ts';
import { forgetPushes } from '../push/store.ts';
import {
  keepChargeOnSessionFinished,
  keepChargeOnSessionMetered,
  keepChargeOnSessionStarted,
  keepDeviceOnDeviceChanged,
} from './consumers.ts';
import { type ChargeTellingDeps, tellCharges } from './service.ts';
import { deleteOldCharges } from './store.ts';

let identity: TestIdentity;
let heard: { topic: string; sub: string; text: string }[];
/** Ours: on the server are others, who tell things of their own. */
const topics = new Set<string>();
let pushing: PushingDeps;
let telling: ChargeTellingDeps;
beforeAll(async () => {
  identity = await startIdentity({}, { nats: true });
  const { nats, database, log } = identity.runtime;
  nats.connection.subscribe('push.>', {
    callback: (_, message) => {
      const [, topic = '', sub = ''] = message.subject.split('.');
      if (topics.has(`push.${topic}`)) heard.push({ topic: `push.${topic}`, sub, text: message.string() });
    },
  });
  const metrics = createPushMetrics(new Registry());
  pushing = { database, log, line: createPushLine(nats, 1), metrics };
  telling = { database, nats, metrics, spell: chargePushes };
});
afterAll(() => identity.close());
beforeEach(async () => {
  heard = [];
  await identity.deps.db.charge.deleteMany();
  await identity.deps.db.push.deleteMany();
});

async function aDriver() {
  const { id: customerId } = await aCustomer(identity);
  const now = identity.deps.clock();
  const wish = { sessionId: customerId, customerId, expiresAt: now, now };
  const { topic } = await issueBrokerCredential(identity.deps.database, identity.deps, wish);
  const ids = { customerId, sessionId: newObjectId(new Date()), deviceId: newObjectId(new Date()) };
  topics.add(topic);
  return { ...ids, topic };
}
type Driver = Awaited<ReturnType<typeof aDriver>>;

const progress = ({ customerId, sessionId, deviceId }: Omit<Driver, 'topic'>, version: number) => ({
  sessionId,
  customerId,
  deviceId,
  version,
  energyWh: version * 100,
  durationSec: version * 10,
  waitingSec: 0,
  amount: BigInt(version) * 7_000n,
  currency: 'MNT',
  at: new Date(),
});
type Facts = Partial<Omit<ReturnType<typeof progress>, 'customerId'>>;

const started = (driver: Driver, version = 1, facts: Facts = {}) =>
  aMessage(sessionStarted, { ...progress(driver, version), state: 'starting', ...facts });
const metered = (driver: Driver, version: number, facts: Facts & { state?: 'charging' | 'waiting' } = {}) =>
  aMessage(sessionMetered, { ...progress(driver, version), state: 'charging', ...facts });
const finished = (driver: Driver, version: number, facts: Facts & { paid?: bigint; state?: 'failed' } = {}) =>
  aMessage(sessionFinished, { ...progress(driver, version), state: 'finished', paid: 0n, ...facts });
const device = ({ deviceId }: Driver, version: number, state: 'Idle' | 'Busy' | 'Repair' | 'Error') =>
  aMessage(deviceChanged, {
    deviceId,
    version,
    state,
    number: 'UB-0017',
    location: [106.9176, 47.9185],
    currency: 'MNT',
    price: 70_000n,
    waitingPrice: 10_000n,
    active: true,
    changedAt: new Date(),
  });

const consumers = [
  keepChargeOnSessionStarted,
  keepChargeOnSessionMetered,
  keepChargeOnSessionFinished,
  keepDeviceOnDeviceChanged,
];
type Message = ReturnType<typeof started>;
const transact: typeof identity.deps.database.transaction = (work) => identity.deps.database.transaction(work);
function hear(message: Message) {
  const consumer = consumers.find(({ event }) => event.subject === message.subject);
  if (!consumer) throw new Error(`nobody hears ${message.subject}`);
  return deliver(consumer, message, { transact });
}

/** Everything that is to be told now, and all that was told before, has been heard. */
async function tell() {
  await tellCharges(telling);
  while ((await tellQueuedPushes(pushing)) > 0);
  const subject = `push.${randomUUID()}`;
  topics.add(subject);
  await pushing.line.tellOnce(subject, { subject, payload: '{}' });
  await until(() => heard.some(({ topic }) => topic === subject));
  heard = heard.filter(({ topic }) => topic !== subject);
}
const heardBy = ({ topic }: Driver, sub?: string) =>
  heard.filter((message) => message.topic === topic && (sub === undefined || message.sub === sub));
const statesHeardBy = (driver: Driver) =>
  heardBy(driver, '').flatMap(({ text }) => JSON.parse(text).charging?.state ?? []);
const devicesHeardBy = (driver: Driver) =>
  heardBy(driver, '').flatMap(({ text }) => JSON.parse(text).device?.state ?? []);
/** As if so much time had passed since anything was told. */
const later = (seconds: number) => identity.deps.database.$executeRaw`
  UPDATE charge SET told_at = told_at - make_interval(secs => ${seconds}::float8),
                    due_at = due_at - make_interval(secs => ${seconds}::float8)`;

describe('a charge', () => {
  test('is heard on the topic as the document prints it, and bare below it', async () => {
    const driver = await aDriver();
    const { sessionId, deviceId } = driver;
    await hear(metered(driver, 3, { energyWh: 1_240, durationSec: 310, waitingSec: 60, amount: 86_800n }));
    await tell();
    expect(heard).toEqual([
      {
        topic: driver.topic,
        sub: '',
        text: `{"charging":{"purchaseId":"${sessionId}","deviceId":"${deviceId}","state":"charging","energyWh":1240,"durationSec":310,"amount":868}}`,
      },
      { topic: driver.topic, sub: 'CHARGING', text: '{"energy":1240,"waitingTime":60,"amount":868}' },
    ]);
  });

  test('is heard from its start to its payment', async () => {
    const driver = await aDriver();
    const end = { energyWh: 500, amount: 35_000n };
    for (const message of [
      started(driver),
      metered(driver, 2),
      metered(driver, 3, { state: 'waiting' }),
      finished(driver, 4, end),
      finished(driver, 5, { ...end, paid: 35_000n }),
    ]) {
      await hear(message);
      await tell();
    }
    expect(statesHeardBy(driver)).toEqual(['starting', 'charging', 'waiting', 'finished']);
    expect(heardBy(driver, 'PAYMENT').map(({ text }) => text)).toEqual(['{"status":"success","amount":350}']);
    expect(heard.at(-1)?.sub).toBe('PAYMENT');
    expect(heardBy(driver, 'CHARGING')).toHaveLength(4);
  });

  test('that fails is heard of, and nothing of a payment', async () => {
    const driver = await aDriver();
    await hear(started(driver));
    await tell();
    await hear(finished(driver, 2, { state: 'failed', amount: 0n, energyWh: 0 }));
    await tell();
    expect(statesHeardBy(driver)).toEqual(['starting', 'failed']);
    expect(heardBy(driver, 'PAYMENT')).toEqual([]);
  });

  test('of nobody, or of somebody without an app, is kept nowhere', async () => {
    const { id: deaf } = await aCustomer(identity);
    const driver = await aDriver();
    expect(await hear(metered({ ...driver, customerId: deaf }, 2))).toBe('applied');
    const nobodys = { ...progress(driver, 2), customerId: null, state: 'charging' } as const;
    expect(await hear(aMessage(sessionMetered, nobodys))).toBe('applied');
    expect(await identity.deps.db.charge.count()).toBe(0);
  });

  test('whose driver turns out later is heard by them from then on', async () => {
    const driver = await aDriver();
    await hear(aMessage(sessionMetered, { ...progress(driver, 2), customerId: null, state: 'charging' }));
    await hear(metered(driver, 3));
    await tell();
    expect(statesHeardBy(driver)).toEqual(['charging']);
  });
});

describe('the order', () => {
  test('is that of the versions, however events arrive: nothing older follows, and nothing follows the end', async () => {
    const driver = await aDriver();
    for (const message of [metered(driver, 3), started(driver), metered(driver, 2), finished(driver, 9)]) {
      await hear(message);
      await tell();
      await later(2);
    }
    for (const message of [metered(driver, 8), started(driver), finished(driver, 9)]) {
      expect(await hear(message)).toBe('applied');
      await later(2);
      await tell();
    }
    expect(statesHeardBy(driver)).toEqual(['charging', 'finished']);
  });

  test('is that of the versions before anything is told, too: an end is not overwritten by what came before it', async () => {
    const driver = await aDriver();
    for (const message of [finished(driver, 9), metered(driver, 8), started(driver)]) await hear(message);
    await tell();
    expect(statesHeardBy(driver)).toEqual(['finished']);
  });

  test('holds when all is heard and told at once, by several', { timeout: 30_000 }, async () => {
    const driver = await aDriver();
    const messages = [
      started(driver),
      ...Array.from({ length: 30 }, (_, n) => metered(driver, n + 2, n % 2 ? {} : { state: 'waiting' })),
      finished(driver, 40),
    ];
    const shuffled = messages.toSorted(() => Math.random() - 0.5);
    await Promise.all(shuffled.flatMap((message) => [hear(message), tellCharges(telling), tellQueuedPushes(pushing)]));
    await tell();
    const costs = heardBy(driver, '').flatMap(({ text }) => JSON.parse(text).charging?.amount ?? []);
    expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    expect(costs.at(-1)).toBe(2_800);
    expect(statesHeardBy(driver).filter((state) => state === 'finished')).toHaveLength(1);
  });

  test('of several in one transaction the newest counts, and two processes that hear them in another order get done', async () => {
    const drivers = await Promise.all(Array.from({ length: 20 }, aDriver));
    for (let round = 1; round <= 5; round += 1) {
      const messages = drivers.flatMap((driver) => [metered(driver, round * 2), metered(driver, round * 2 - 1)]);
      const outcomes = await Promise.all([
        dispatchMany(keepChargeOnSessionMetered, messages, { transact }),
        dispatchMany(keepChargeOnSessionMetered, messages.toReversed(), { transact }),
        tellCharges(telling),
      ]);
      expect(outcomes.slice(0, 2).flat()).toEqual(Array(80).fill({ kind: 'applied' }));
    }
    const versions = await identity.deps.db.charge.findMany({ select: { version: true } });
    expect(versions).toEqual(Array(20).fill({ version: 10 }));
  });
});

describe('readings', () => {
  test('are heard once a second, the last one of each', async () => {
    const driver = await aDriver();
    await hear(metered(driver, 2));
    await tell();
    for (const version of [3, 4, 5]) {
      await hear(metered(driver, version));
      await tell();
    }
    const energies = () => heardBy(driver, 'CHARGING').map(({ text }) => JSON.parse(text).energy);
    expect(energies()).toEqual([200]);
    await later(1);
    await tell();
    await tell();
    expect(energies()).toEqual([200, 500]);
  });

  test('do not hold back another state', async () => {
    const driver = await aDriver();
    await hear(metered(driver, 2));
    await tell();
    await hear(metered(driver, 3, { state: 'waiting' }));
    await tell();
    expect(statesHeardBy(driver)).toEqual(['charging', 'waiting']);
  });

  test('that were told when the transaction fails are told again, and what is newer after them', async () => {
    const driver = await aDriver();
    await hear(metered(driver, 2));
    const died = new Error('this process is dead');
    const dying: ChargeTellingDeps['database'] = {
      ...identity.deps.database,
      transaction: (work) =>
        identity.deps.database.transaction(async (tx) => {
          await work(tx);
          throw died;
        }),
    };
    await expect(tellCharges({ ...telling, database: dying })).rejects.toBe(died);
    await tell();
    expect(statesHeardBy(driver)).toEqual(['charging', 'charging']);
  });
});

describe('the end', () => {
  test.each([
    ['before it is queued', { tells: false }],
    ['once it is queued', { tells: true }],
  ])('is heard once though a process dies %s', async (_, { tells }) => {
    const driver = await aDriver();
    await hear(finished(driver, 4, { paid: 28_000n }));
    const died = new Error('this process is dead');
    const dying: ChargeTellingDeps['database'] = {
      ...identity.deps.database,
      transaction: async (work) => {
        const done = await identity.deps.database.transaction(async (tx) => {
          const looked = await work(tx);
          if (!tells) throw died;
          return looked;
        });
        throw Object.assign(died, { done });
      },
    };
    await expect(tellCharges({ ...telling, database: dying })).rejects.toBe(died);
    await tell();
    await tell();
    expect(heardBy(driver).map(({ sub }) => sub)).toEqual(['', 'CHARGING', 'PAYMENT']);
  });

  test('is heard once more when it comes to something else, with what was paid', async () => {
    const driver = await aDriver();
    await hear(finished(driver, 4, { paid: 28_000n }));
    await tell();
    await hear(finished(driver, 5, { paid: 28_000n }));
    await later(2);
    await tell();
    await hear(finished(driver, 6, { amount: 35_000n, paid: 35_000n }));
    await later(2);
    await tell();
    const costs = heardBy(driver, '').map(({ text }) => JSON.parse(text).charging.amount);
    expect(costs).toEqual([280, 350]);
    expect(heardBy(driver, 'PAYMENT').map(({ text }) => JSON.parse(text).amount)).toEqual([280, 350]);
  });

  test('of an hour ago is no news: what was told of it may be forgotten', async () => {
    const driver = await aDriver();
    await hear(finished(driver, 4, { at: new Date(Date.now() - 3_700_000) }));
    await tell();
    expect(heard).toEqual([]);
    expect(await identity.deps.db.charge.count()).toBe(0);
  });
});

describe('the device', () => {
  test('is heard of from the driver’s charge until it is free, whichever event comes first', async () => {
    const driver = await aDriver();
    for (const message of [
      device(driver, 2, 'Busy'),
      started(driver),
      device(driver, 3, 'Error'),
      device(driver, 4, 'Busy'),
      finished(driver, 2),
      device(driver, 3, 'Error'),
      device(driver, 5, 'Idle'),
      device(driver, 6, 'Busy'),
      device(driver, 7, 'Idle'),
    ]) {
      await hear(message);
      await tell();
    }
    expect(devicesHeardBy(driver)).toEqual(['Busy', 'Error', 'Busy', 'Idle']);
    expect(heardBy(driver, '').at(-1)?.text).toBe(`{"device":{"id":"${driver.deviceId}","state":"Idle"}}`);
    expect(heardBy(driver, 'DEVICE')).toEqual([]);
  });

  test('is no reason to tell of the charge before its second is over', async () => {
    const driver = await aDriver();
    await hear(metered(driver, 2));
    await tell();
    await hear(metered(driver, 3));
    await hear(device(driver, 2, 'Busy'));
    await tell();
    expect([devicesHeardBy(driver), statesHeardBy(driver)]).toEqual([['Busy'], ['charging']]);
    await later(1);
    await tell();
    expect(statesHeardBy(driver)).toEqual(['charging', 'charging']);
  });
});

test('nothing is heard on anybody else’s topic', async () => {
  const [one, other] = [await aDriver(), await aDriver()];
  await hear(metered(one, 2));
  await hear(device(one, 2, 'Busy'));
  await hear(finished(one, 3, { paid: 21_000n }));
  await tell();
  expect(heardBy(one).length).toBeGreaterThan(0);
  expect(heardBy(other)).toEqual([]);
});

test('of somebody who was erased since nothing is kept and nothing told', async () => {
  const driver = await aDriver();
  await hear(metered(driver, 2));
  await identity.deps.database.transaction((tx) => forgetPushes(tx, driver.customerId));
  expect(await identity.deps.db.charge.count()).toBe(0);
  expect(await hear(finished(driver, 3))).toBe('applied');
  await tell();
  expect(heard).toEqual([]);
});

test('what was told is remembered for a day after the last word', async () => {
  const [old, young] = [await aDriver(), await aDriver()];
  await hear(finished(old, 2));
  await hear(finished(young, 2));
  const { database } = identity.deps;
  await database.$executeRaw`
    UPDATE charge SET heard_at = heard_at - interval '1 day' WHERE session_id = ${old.sessionId}`;
  expect(await deleteOldCharges(database, new Date(Date.now() - 23 * 3_600_000), 10)).toBe(1);
  expect(await identity.deps.db.charge.findMany({ select: { sessionId: true } })).toEqual([
    { sessionId: young.sessionId },
  ]);
});

test.each([
  ['a start', started],
  ['a reading', (driver: Driver) => metered(driver, 2)],
  ['an end', (driver: Driver) => finished(driver, 2)],
  ['a device', (driver: Driver) => device(driver, 2, 'Busy')],
])('%s that comes again is told once; one that nobody can read is a dead letter', async (_, make) => {
  const driver = await aDriver();
  if (make(driver).subject === deviceChanged.subject) await hear(metered(driver, 1));
  const message = make(driver);
  for (let n = 0; n < 2; n += 1) {
    expect(await hear(message)).toBe('applied');
    await later(2);
    await tell();
  }
  const texts = heardBy(driver, '').map(({ text }) => text);
  expect(texts.length).toBeGreaterThan(0);
  expect(new Set(texts).size).toBe(texts.length);
  for (const payload of ['', '{', 'null', '{"sessionId":7}'])
    expect(await hear({ ...message, payload: Buffer.from(payload) })).toBe('dead');
});
