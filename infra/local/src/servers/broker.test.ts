import { readFile } from 'node:fs/promises';
import {
  answeredBy,
  exchangeCredential,
  getProducts,
  orderPlaced,
  participantNames,
  participants,
  productChanged,
  readWallet,
  sessionRevoked,
  toldBy,
} from '@forecourt/contracts';
import { connectNats, type Nats } from '@forecourt/messaging';
import { until } from '@forecourt/testing';
import { AckPolicy } from '@nats-io/jetstream';
import { errors } from '@nats-io/transport-node';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestBroker, type TestBroker } from '../testing/broker.ts';

const services = ['identity', 'catalog', 'orders', 'charging', 'payments'] as const;
const log = pino({ level: 'silent' });
const streamOf = (service: string) => service.toUpperCase();

let broker: TestBroker;
const as = new Map<string, Nats>();
const connectionOf = (name: string): Nats => as.get(name) as Nats;
const urlOf = (name: string) => (name === 'operator' ? broker.operatorUrl : broker.natsUrlOf(name));

beforeAll(async () => {
  broker = await startTestBroker();
  for (const name of [...participantNames, 'partner', 'operator'])
    as.set(name, await connectNats({ url: urlOf(name), name, log }));
  for (const service of services) await makeStream(service);
});

afterAll(async () => {
  for (const nats of as.values()) await nats.close();
  await broker?.stop();
});

const makeStream = (service: string) =>
  connectionOf(service).manager.streams.add({
    name: streamOf(service),
    subjects: [`${service}.*.*.*`],
    allow_direct: true,
  });

/** Who may not even publish the question is told so at once; who may hears that nobody is there, or an answer. */
const isAllowed = async (name: string, subject: string, body = ''): Promise<boolean> => {
  try {
    await connectionOf(name).connection.request(subject, body, { timeout: 1000 });
    return true;
  } catch (error) {
    if (error instanceof errors.PermissionViolationError) return false;
    if (error instanceof Error && error.cause instanceof errors.PermissionViolationError) return false;
    return true;
  }
};

/** The server says no to a subscription only when it has to. */
async function mayHear(name: string, subject: string, queue?: string): Promise<boolean> {
  const { connection } = connectionOf(name);
  const refused = Promise.withResolvers<false>();
  const subscription = connection.subscribe(subject, {
    ...(queue !== undefined && { queue }),
    callback: (error) => {
      if (error) refused.resolve(false);
    },
  });
  try {
    return await Promise.race([
      refused.promise,
      connection
        .flush()
        .then(() => connection.flush())
        .then(() => true),
    ]);
  } finally {
    subscription.unsubscribe();
  }
}

const others = (name: string) => services.filter((service) => service !== name);

describe.each(services)('%s', (service) => {
  test('tells its own events, and nobody else’s', async () => {
    for (const { subject } of toldBy(service)) expect(await isAllowed(service, subject), subject).toBe(true);
    for (const other of others(service)) {
      for (const { subject } of toldBy(other)) expect(await isAllowed(service, subject), subject).toBe(false);
    }
  });

  test('asks what its contract lists, and nothing else', async () => {
    const listed = participants[service].asks.map(({ subject }) => subject);
    for (const { subject } of participantNames.flatMap(answeredBy)) {
      expect(await isAllowed(service, subject), subject).toBe(listed.includes(subject as (typeof listed)[number]));
    }
  });

  test('answers its own questions, beside its like, and hears nobody else’s', async () => {
    for (const { subject } of answeredBy(service)) {
      expect(await mayHear(service, subject, 'answer'), subject).toBe(true);
      // Alone it would hear what is asked of another process of the service.
      expect(await mayHear(service, subject), subject).toBe(false);
    }
    for (const other of others(service)) {
      for (const { subject } of answeredBy(other)) {
        expect(await mayHear(service, subject, 'answer'), subject).toBe(false);
      }
    }
  });

  test('reads no inbox but its own, and nothing of what goes by', async () => {
    expect(await mayHear(service, `_INBOX.${service}.>`)).toBe(true);
    const foreign = [...others(service), 'gateway', 'operator'].map((other) => `_INBOX.${other}.>`);
    for (const subject of [...foreign, '_INBOX.>', '>', '*.*.*', '*.*.*.*', '$JS.>', '$SYS.>', 'push.>']) {
      expect(await mayHear(service, subject), subject).toBe(false);
    }
    for (const subject of [...foreign.map((inbox) => inbox.replace('>', 'x')), '$SYS.REQ.SERVER.PING']) {
      expect(await isAllowed(service, subject), subject).toBe(false);
    }
  });

  test('looks after its own stream, and touches no other', async () => {
    const { manager } = connectionOf(service);
    expect((await manager.streams.info(streamOf(service))).config.name).toBe(streamOf(service));
    for (const verb of ['PURGE', 'DELETE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE']) {
      expect(await isAllowed(service, `$JS.API.STREAM.${verb}.${streamOf(service)}`, '{}'), verb).toBe(false);
    }
    for (const other of others(service)) {
      for (const verb of ['CREATE', 'UPDATE', 'DELETE', 'PURGE', 'MSG.GET', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE']) {
        const subject = `$JS.API.STREAM.${verb}.${streamOf(other)}`;
        expect(await isAllowed(service, subject, '{}'), subject).toBe(false);
      }
    }
    for (const subject of ['$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST', '$JS.API.STREAM.CREATE.OTHER']) {
      expect(await isAllowed(service, subject, '{}'), subject).toBe(false);
    }
  });

  test('hears by its durables the one type of event that each is for', async () => {
    const { manager, jetstream } = connectionOf(service);
    for (const [durable, event] of Object.entries(participants[service].hears)) {
      const config = { durable_name: durable, ack_policy: AckPolicy.Explicit, filter_subject: event.subject };
      await manager.consumers.add(event.stream, config);
      const consumer = await jetstream.consumers.get(event.stream, durable);
      await connectionOf(event.stream.toLowerCase()).jetstream.publish(event.subject, '{}');
      const message = await consumer.next({ expires: 5000 });
      expect(message?.subject).toBe(event.subject);
      message?.working();
      expect(await message?.ackAck()).toBe(true);
      // Neither more of the stream under this name,
      const wide = `$JS.API.CONSUMER.CREATE.${event.stream}.${durable}`;
      expect(await isAllowed(service, wide, '{}')).toBe(false);
      expect(await isAllowed(service, `${wide}.>`, '{}')).toBe(false);
      const older = `$JS.API.CONSUMER.DURABLE.CREATE.${event.stream}.${durable}`;
      expect(await isAllowed(service, older, '{}')).toBe(false);
      // nor a lie about the filter.
      const lie = { stream_name: event.stream, config: { ...config, filter_subject: '>' }, action: '' };
      const reply = await connectionOf(service).connection.request(`${wide}.${event.subject}`, JSON.stringify(lie));
      expect(reply.json<{ error?: { code: number } }>().error?.code).toBe(400);
    }
  });

  test('takes nothing from the durables of others, and removes none', async () => {
    for (const other of others(service)) {
      for (const [durable, { stream }] of Object.entries(participants[other].hears)) {
        for (const verb of ['MSG.NEXT', 'INFO', 'DELETE', 'PAUSE']) {
          const subject = `$JS.API.CONSUMER.${verb}.${stream}.${durable}`;
          expect(await isAllowed(service, subject, '{}'), subject).toBe(false);
        }
        expect(await isAllowed(service, `$JS.ACK.${stream}.${durable}.1.1.1.1.0`), durable).toBe(false);
      }
    }
  });

  test('knows the newest revocation, and no other message of identity’s by its place', async () => {
    await connectionOf('identity').jetstream.publish(sessionRevoked.subject, '{"newest":true}');
    const query = { last_by_subj: sessionRevoked.subject };
    const newest = await connectionOf(service).manager.direct.getMessage('IDENTITY', query);
    expect(newest?.json()).toEqual({ newest: true });
    if (service === 'identity') return;
    for (const subject of ['DIRECT.GET.IDENTITY', 'STREAM.MSG.GET.IDENTITY', 'CONSUMER.CREATE.IDENTITY.mine']) {
      expect(await isAllowed(service, `$JS.API.${subject}`, '{"seq":1}'), subject).toBe(false);
    }
    for (const { subject } of toldBy('identity').filter((event) => event !== sessionRevoked)) {
      const others = [`DIRECT.GET.IDENTITY.${subject}`, `CONSUMER.CREATE.IDENTITY.mine.${subject}`];
      for (const other of others) expect(await isAllowed(service, `$JS.API.${other}`), other).toBe(false);
    }
  });
});

test('processes of charging ask one another about their stations, and nobody else does, or hears it', async () => {
  const subject = 'charging.station.0198c0de-0000-7000-8000-000000000000';
  expect(await isAllowed('charging', subject)).toBe(true);
  expect(await mayHear('charging', subject, 'answer')).toBe(true);
  for (const other of [...others('charging'), 'gateway']) {
    expect(await isAllowed(other, subject), other).toBe(false);
    expect(await mayHear(other, subject, 'answer'), other).toBe(false);
  }
});

test('an answer goes to who asked, once, and to nobody who did not', async () => {
  const [asker, answerer] = [connectionOf('orders').connection, connectionOf('catalog').connection];
  const heard: string[] = [];
  const inbox = asker.subscribe('_INBOX.orders.answers', {
    callback: (_, message) => void heard.push(message.string()),
  });
  const answering = answerer.subscribe(getProducts.subject, {
    queue: 'answer',
    callback: (_, message) => {
      message.respond('first');
      message.respond('second');
      answerer.publish('_INBOX.orders.other', 'unasked');
    },
  });
  const unasked = asker.subscribe('_INBOX.orders.other', {
    callback: (_, message) => void heard.push(message.string()),
  });
  onTestFinished(() => [inbox, answering, unasked].forEach((subscription) => void subscription.unsubscribe()));
  await Promise.all([asker.flush(), answerer.flush()]);
  asker.publish(getProducts.subject, '{}', { reply: '_INBOX.orders.answers' });
  await until(() => heard.length > 0);
  await answerer.flush();
  await asker.flush();
  expect(heard).toEqual(['first']);
});

test('the gateway asks, and does nothing else', async () => {
  expect(await isAllowed('gateway', exchangeCredential.subject)).toBe(true);
  for (const subject of [readWallet.subject, orderPlaced.subject, productChanged.subject, '$JS.API.INFO', 'push.x']) {
    expect(await isAllowed('gateway', subject), subject).toBe(false);
  }
  for (const subject of ['>', orderPlaced.subject, exchangeCredential.subject, '_INBOX.identity.>']) {
    expect(await mayHear('gateway', subject), subject).toBe(false);
  }
});

test('a partner’s system hears what happens to products, and nothing else, and says nothing', async () => {
  const { jetstream } = connectionOf('partner');
  const listen = (subject: string) => jetstream.consumers.getPushConsumer('CATALOG', { filter_subjects: subject });
  const messages = await (await listen('catalog.product.>')).consume();
  onTestFinished(() => messages.stop());
  await connectionOf('catalog').jetstream.publish(productChanged.subject, 'news');
  // What others told before it, too.
  for await (const message of messages) if (message.string() === 'news') break;
  await expect(listen('catalog.discount.>')).rejects.toThrow();
  await expect(listen('>')).rejects.toThrow();
  for (const subject of [
    productChanged.subject,
    getProducts.subject,
    '$JS.API.STREAM.DELETE.CATALOG',
    '$JS.API.STREAM.INFO.ORDERS',
  ])
    expect(await isAllowed('partner', subject), subject).toBe(false);
  for (const subject of ['>', 'catalog.product.>', '_INBOX.orders.>'])
    expect(await mayHear('partner', subject), subject).toBe(false);
});

test('people may look at everything that the services say, and at nothing of the server’s own', async () => {
  expect(await mayHear('operator', '>')).toBe(true);
  expect((await connectionOf('operator').manager.streams.info('ORDERS')).config.name).toBe('ORDERS');
  const reply = connectionOf('operator').connection.request('$SYS.REQ.SERVER.PING.VARZ', '', { timeout: 1000 });
  await expect(reply).rejects.toThrow();
});

test('what is refused is in the server’s log, with who it was', async () => {
  await isAllowed('catalog', 'orders.order.placed.v1');
  const line = 'Publish Violation - User "catalog", Subject "orders.order.placed.v1"';
  expect(await readFile(broker.logFile, 'utf8')).toContain(line);
});

test('a wrong password, and none, open nothing', async () => {
  const wrong = broker.natsUrlOf('orders').replace(/:[^:@]*@/, ':wrong@');
  for (const url of [wrong, broker.tcpUrl, broker.natsUrlOf('orders').replace('orders:', 'nobody:')]) {
    await expect(connectNats({ url, name: 'stranger', log, waitForServer: false })).rejects.toThrow(/uthorization/);
  }
});
