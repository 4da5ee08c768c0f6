import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  aDriver,
  connectApp,
  type Driver,
  type IdentityWithBroker,
  lines,
  startIdentityWithBroker,
} from '../../test/broker.ts';

let system: IdentityWithBroker;
let driver: Driver;
beforeAll(async () => {
  system = await startIdentityWithBroker();
  driver = await aDriver(system);
});
afterAll(() => system.close());

describe.each(lines)('an app over %s', (line) => {
  const connectAs = (login: { user: string; pass: string }) => connectApp(system, login, line);

  test('hears what is told on its topic and below it, and nothing of another customer', async () => {
    const other = await aDriver(system);
    const app = await connectAs(driver.login);
    app.hear(driver.login.topic);
    app.hear(`${driver.login.topic}.>`);
    await app.connection.flush();
    const { connection: platform } = system.platform;
    platform.publish(other.login.topic, '{"whose":"another"}');
    platform.publish(driver.login.topic, '{"whose":"own"}');
    platform.publish(`${driver.login.topic}.REPLENISHMENT`, '{"form":"bare"}');
    await until(() => app.heard.length === 2);
    expect(app.heard).toEqual([
      { subject: driver.login.topic, data: { whose: 'own' } },
      { subject: `${driver.login.topic}.REPLENISHMENT`, data: { form: 'bare' } },
    ]);
    await app.close();
  });

  test('may subscribe to nothing else', async () => {
    const other = await aDriver(system);
    const app = await connectAs(driver.login);
    const elsewhere = [
      ...['>', '*', '*.>', 'push.>', 'push.*', 'push.*.REPLENISHMENT', 'push-queue.>', `${driver.login.topic}x`],
      ...[other.login.topic, `${other.login.topic}.>`, '_INBOX.>', '_INBOX.abc', '_INBOX.identity.>'],
      ...['$JS.API.>', '$JS.EVENT.>', '$SYS.>', '$SYS.ACCOUNT.PUSH.CONNECT', '$SYS.REQ.USER.AUTH'],
      ...['identity.session.revoked.v1', 'payments.>', 'outbox.wake.identity', '$KV.>', '$O.>'],
    ];
    for (const subject of elsewhere) app.hear(subject);
    app.connection.subscribe(driver.login.topic, { queue: 'q', callback: () => {} });
    await until(() => app.refusals().length === elsewhere.length);
    for (const subject of elsewhere) {
      expect(app.refusals(), subject).toContain(`Permissions Violation for Subscription to "${subject}"`);
    }
    for (const topic of [driver.login.topic, other.login.topic]) system.platform.connection.publish(topic, '{}');
    await system.platform.connection.flush();
    await app.connection.flush();
    expect(app.heard).toEqual([]);
    await app.close();
  });

  test('may publish nothing: neither to itself nor to an inbox, JetStream or the system', async () => {
    const app = await connectAs(driver.login);
    const spy: string[] = [];
    const { connection: platform } = system.platform;
    const listening = platform.subscribe('outbox.wake.identity', {
      callback: (_, { subject }) => void spy.push(subject),
    });
    await platform.flush();
    const subjects = [
      ...[driver.login.topic, `${driver.login.topic}.REPLENISHMENT`, 'outbox.wake.identity', 'push-queue.a'],
      ...[
        '_INBOX.abc',
        '$JS.API.INFO',
        '$JS.API.STREAM.LIST',
        '$JS.ACK.a',
        '$SYS.REQ.SERVER.PING',
        '$SYS.REQ.USER.INFO',
      ],
      ...['identity.credential.exchange', '$SYS.REQ.USER.AUTH', '$SYS.REQ.ACCOUNT.PUSH.CONNZ'],
    ];
    for (const subject of subjects) app.connection.publish(subject, '{}', { reply: driver.login.topic });
    await until(() => app.refusals().length === subjects.length);
    for (const subject of subjects) {
      expect(app.refusals(), subject).toContain(`Permissions Violation for Publish to "${subject}"`);
    }
    await platform.flush();
    expect(spy).toEqual([]);
    listening.unsubscribe();
    await app.close();
  });

  test('gets no more subscriptions than the broker gives to anybody', async () => {
    const app = await connectAs(driver.login);
    for (let n = 1; n <= 300; n += 1) app.hear(`${driver.login.topic}.${n}`);
    await until(() => app.refusals().length > 0);
    expect(app.refusals()[0]).toMatch(/maximum subscriptions exceeded/i);
    for (let n = 300; n >= 1; n -= 1) system.platform.connection.publish(`${driver.login.topic}.${n}`, '{}');
    await until(() => app.heard.at(-1)?.subject === `${driver.login.topic}.1`);
    expect(app.heard).toHaveLength(256);
    await app.close();
  });

  test.each([
    ['another password', () => ({ user: driver.login.user, pass: `${driver.login.pass.slice(0, -1)}~` })],
    ['no password', () => ({ user: driver.login.user, pass: '' })],
    ['the hash of its password', async () => ({ user: driver.login.user, pass: await storedHash(driver.login.user) })],
    ['a user that nobody has', () => ({ user: 'A'.repeat(22), pass: driver.login.pass })],
    [
      'the credential of another app',
      async () => ({ user: (await aDriver(system)).login.user, pass: driver.login.pass }),
    ],
    ['a phone', () => ({ user: driver.phone, pass: driver.login.pass })],
    ['statements', () => ({ user: "' OR 1=1 --", pass: "' OR 1=1 --" })],
    ['what no text is', () => ({ user: '\u0000\ud800', pass: '\u0000' })],
    ['a user of ours', () => ({ user: 'identity', pass: driver.login.pass })],
    ['a password of a kilobyte', () => ({ user: driver.login.user, pass: 'x'.repeat(1_000) })],
  ])('is refused with %s', async (_, login) => {
    await expect(connectAs(await login())).rejects.toThrow(/authorization violation/i);
  });
});

test('an app that says nothing, or brings keys and tokens of its own, is refused', async () => {
  const { connect } = await import('@nats-io/transport-node');
  const servers = system.broker.tcpUrl;
  for (const credentials of [{}, { token: driver.login.pass }, { user: driver.login.user, token: driver.login.pass }]) {
    await expect(connect({ servers, reconnect: false, ...credentials })).rejects.toThrow(/authorization violation/i);
  }
});

test('none of it is in the log of identity or of the broker', async () => {
  const { readFile } = await import('node:fs/promises');
  const said = JSON.stringify(system.identity.runtime.logged) + (await readFile(system.broker.logFile, 'utf8'));
  expect(said).toContain('an app was refused at the broker');
  for (const secret of [
    driver.login.pass,
    driver.login.pass.slice(0, 12),
    system.settings.issuerSeed,
    system.settings.xkeySeed,
  ]) {
    expect(said).not.toContain(secret);
  }
});

async function storedHash(id: string): Promise<string> {
  const { passwordHash } = await system.identity.deps.db.brokerCredential.findUniqueOrThrow({ where: { id } });
  return Buffer.from(passwordHash).toString('base64url');
}
