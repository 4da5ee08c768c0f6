import { AppError } from '@forecourt/errors';
import { aMessage, deliver } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { type Consumer, consumer, dispatchMany, type EventMeta, type Heard, type SqlTx } from '../src/index.ts';
import { aThing, layGround, type ThingChanged, thingChanged } from './fixture.ts';

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

/** Counts what it hears in one statement, and how many came together. */
function countingMany(meet: (events: readonly Heard<ThingChanged>[]) => void = () => {}) {
  return consumer({
    event: thingChanged,
    durable,
    handleMany: async (tx: SqlTx, events) => {
      const things = JSON.stringify(events.map(({ data }) => data.thingId));
      await tx.$executeRaw`INSERT INTO kept (thing, version)
        SELECT thing, count(*) FROM jsonb_array_elements_text(${things}::jsonb) AS thing GROUP BY thing
        ON CONFLICT (thing) DO UPDATE SET times = kept.times + excluded.version`;
      meet(events);
    },
  });
}
const someMessages = (count: number) => Array.from({ length: count }, () => aMessage(thingChanged, aThing()));
const kindsOf = (outcomes: readonly { kind: string }[]) => outcomes.map(({ kind }) => kind);

test('messages that are taken together are applied in one transaction, each once', async () => {
  const ground = await layCountingGround();
  const parts: number[] = [];
  const many = countingMany((events) => parts.push(events.length));
  const [first, ...others] = someMessages(5);
  if (!first) throw new Error('no message');
  expect(kindsOf(await dispatchMany(many, [first, first, ...others.slice(0, 2)], ground))).toEqual([
    'applied',
    'duplicate',
    'applied',
    'applied',
  ]);
  expect(kindsOf(await dispatchMany(many, [first, ...others], ground))).toEqual([
    'duplicate',
    'duplicate',
    'duplicate',
    'applied',
    'applied',
  ]);
  expect(parts).toEqual([3, 2]);
  expect(await ground.kept()).toEqual(Array.from({ length: 5 }, () => ({ version: 1, times: 1 })));
  expect(await ground.sql('SELECT DISTINCT xmin::text FROM inbox')).toHaveLength(2);
});

test('of messages that are taken together, what fails fails alone', async () => {
  const ground = await layCountingGround();
  const [good, refused, unlucky, last] = someMessages(4);
  const poison = { ...aMessage(thingChanged, aThing()), payload: Buffer.from('{"thingId":7}') };
  if (!(good && refused && unlucky && last)) throw new Error('no message');
  const idOf = (message: typeof good) => message.headers['ce-id'];
  const many = countingMany((events) => {
    const ids = events.map(({ meta }) => meta.id);
    if (ids.includes(idOf(unlucky) ?? '')) throw new Error('not now');
    if (ids.includes(idOf(refused) ?? '')) throw new AppError('validation_failed', 'Never.');
  });
  expect(kindsOf(await dispatchMany(many, [good, refused, poison, unlucky, last], ground))).toEqual([
    'applied',
    'dead',
    'dead',
    'retry',
    'applied',
  ]);
  expect(await ground.kept()).toHaveLength(2);
  expect(await ground.sql('SELECT message_id FROM inbox')).toHaveLength(2);
});

test('a message that was delivered before is tried alone, and first', async () => {
  const ground = await layCountingGround();
  const parts: string[][] = [];
  const many = countingMany((events) => parts.push(events.map(({ data }) => data.thingId)));
  const messages = ['a', 'b', 'c', 'd'].map((thing) => aMessage(thingChanged, aThing(1, thing)));
  const deliveries = messages.map((message, index) => ({ ...message, deliveryCount: index === 2 ? 2 : 1 }));
  expect(kindsOf(await dispatchMany(many, deliveries, ground))).toEqual(Array(4).fill('applied'));
  expect(parts).toEqual([['c'], ['a', 'b', 'd']]);
});

test('replicas that take the same messages together in another order apply each once', async () => {
  const ground = await layCountingGround();
  const messages = someMessages(30);
  const replicas = [messages, messages.toReversed(), messages.toSorted(() => Math.random() - 0.5)];
  const outcomes = await Promise.all(replicas.map((some) => dispatchMany(countingMany(), some, ground)));
  expect(kindsOf(outcomes.flat()).filter((kind) => kind === 'applied')).toHaveLength(30);
  expect(await ground.kept()).toEqual(Array.from({ length: 30 }, () => ({ version: 1, times: 1 })));
});
