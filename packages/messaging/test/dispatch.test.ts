import { AppError } from '@forecourt/errors';
import { aMessage, deliver } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { type Consumer, consumer, type EventMeta, type SqlTx } from '../src/index.ts';
import { aThing, layGround, thingChanged } from './fixture.ts';

const durable = 'catalog-keep-on-thing-changed';

async function layCountingGround() {
  const ground = await layGround();
  await ground.sql('CREATE TABLE kept (thing text PRIMARY KEY, version int, times int DEFAULT 1)');
  const kept = () => ground.sql('SELECT version, times FROM kept');
  return { ...ground, kept };
}

const counting = consumer({
  event: thingChanged,
  durable,
  handle: async (tx: SqlTx, { thingId, version }) => {
    await tx.$executeRaw`INSERT INTO kept (thing, version) VALUES (${thingId}, ${version})
      ON CONFLICT (thing) DO UPDATE SET times = kept.times + 1, version = excluded.version`;
  },
});

const newestWins = consumer({
  event: thingChanged,
  durable,
  guard: 'version',
  handle: async (tx: SqlTx, { thingId, version }) => {
    await tx.$executeRaw`INSERT INTO kept (thing, version) VALUES (${thingId}, ${version})
      ON CONFLICT (thing) DO UPDATE SET times = kept.times + 1, version = excluded.version
      WHERE excluded.version > kept.version`;
  },
});

const refusing = (error: Error): Consumer<SqlTx> =>
  consumer({
    event: thingChanged,
    durable,
    handle: async (tx: SqlTx, { thingId }) => {
      await tx.$executeRaw`INSERT INTO kept (thing, version) VALUES (${thingId}, 0)`;
      throw error;
    },
  });

test('a redelivered message changes things once', async () => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing());
  expect(await deliver(counting, message, ground)).toBe('applied');
  expect(await deliver(counting, { ...message, deliveryCount: 2 }, ground)).toBe('duplicate');
  expect(await ground.kept()).toEqual([{ version: 1, times: 1 }]);
});

test('a message that is delivered to ten replicas at once changes things once', async () => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing());
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => deliver(counting, message, ground)));
  expect(outcomes.toSorted().slice(0, 2)).toEqual(['applied', 'duplicate']);
  expect(await ground.kept()).toEqual([{ version: 1, times: 1 }]);
});

test('a handler that compares versions ends with the newest, whatever the order of arrival', async () => {
  const ground = await layCountingGround();
  for (const version of [2, 1, 4, 3, 4]) {
    expect(await deliver(newestWins, aMessage(thingChanged, aThing(version, 'one')), ground)).toBe('applied');
  }
  expect(await ground.kept()).toEqual([{ version: 4, times: 2 }]);
  expect(await ground.sql('SELECT 1 FROM inbox')).toEqual([]);
});

test.each([
  ['text that is no JSON', '{'],
  ['data that the contract does not promise', '{"thingId":7}'],
  ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['nothing', ''],
])('%s is a dead letter at once, kept byte by byte', async (_, payload) => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing(), { payload });
  expect(await deliver(counting, message, ground)).toBe('dead');
  const letters = await ground.sql('SELECT consumer, message_id, reason, payload, headers FROM dead_letter');
  expect(letters).toEqual([
    {
      consumer: durable,
      message_id: message.headers['ce-id'],
      reason: 'unreadable',
      payload: Buffer.from(payload),
      headers: message.headers,
    },
  ]);
});

test.each(['validation_failed', 'unauthenticated', 'role_required', 'order_move_refused'] as const)(
  '%s can never work: a dead letter at the first try, and no effect',
  async (code) => {
    const ground = await layCountingGround();
    const message = aMessage(thingChanged, aThing());
    expect(await deliver(refusing(new AppError(code, 'Never.')), message, ground)).toBe('dead');
    expect(await ground.kept()).toEqual([]);
    expect(await ground.sql('SELECT reason, deliveries FROM dead_letter')).toEqual([
      { reason: 'refused', deliveries: 1 },
    ]);
  },
);

test.each([
  new AppError('product_not_found', 'We may be early.'),
  new AppError('too_many_requests', 'More slowly.'),
  new AppError('service_unavailable', 'A neighbour is down.'),
  new Error('a bug of ours'),
])('$message may pass: tried again, without effect so far, and buried when out of tries', async (error) => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing());
  expect(await deliver(refusing(error), message, { ...ground, tries: 3 })).toBe('retry');
  expect(await deliver(refusing(error), { ...message, deliveryCount: 2 }, { ...ground, tries: 3 })).toBe('retry');
  expect(await ground.sql('SELECT 1 FROM dead_letter UNION ALL SELECT 1 FROM inbox')).toEqual([]);
  expect(await deliver(refusing(error), { ...message, deliveryCount: 3 }, { ...ground, tries: 3 })).toBe('dead');
  const [letter] = await ground.sql('SELECT reason, error, deliveries FROM dead_letter');
  expect(letter).toMatchObject({ reason: 'out_of_tries', deliveries: 3 });
  expect(letter?.error).toContain(error.message);
  expect(await ground.kept()).toEqual([]);
});

test('a message that takes the process down at each try is buried without another', async () => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing(), { deliveryCount: 4 });
  expect(await deliver(counting, message, { ...ground, tries: 3 })).toBe('dead');
  expect(await ground.kept()).toEqual([]);
  expect(await ground.sql('SELECT reason FROM dead_letter')).toEqual([{ reason: 'out_of_tries' }]);
});

test('a message that dies twice is one letter', async () => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing(), { payload: '{' });
  await deliver(counting, message, ground);
  await deliver(counting, { ...message, deliveryCount: 2 }, ground);
  expect(await ground.sql('SELECT deliveries FROM dead_letter')).toEqual([{ deliveries: 2 }]);
});

test('an error with a NUL in it can still be buried', async () => {
  const ground = await layCountingGround();
  const message = aMessage(thingChanged, aThing());
  const outcome = await deliver(refusing(new AppError('validation_failed', 'a\0b')), message, ground);
  expect(outcome).toBe('dead');
});

test('a handler is told what the message says of itself', async () => {
  const ground = await layGround();
  const seen: EventMeta[] = [];
  const watching = consumer({
    event: thingChanged,
    durable,
    handle: async (_: SqlTx, __, meta) => void seen.push(meta),
  });
  const wishes = { id: 'm1', time: new Date('2026-02-19T12:00:00Z'), deliveryCount: 2, traceparent: '00-a-b-01' };
  await deliver(watching, aMessage(thingChanged, aThing(3, 'ä 1'), wishes), ground);
  expect(seen).toEqual([{ ...wishes, aggregateId: 'ä 1' }]);
});
