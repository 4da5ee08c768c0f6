import { until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aDriver as aDriverOf, anInvoice, pressAt, type SignedInDriver } from './driver/app.ts';
import { bothForms, listenAs } from './driver/listener.ts';
import { startTestSystem, type TestSystem } from './own-system.ts';
import { type HttpClient, httpClient } from './storefront-client.ts';

let system: TestSystem;
let client: HttpClient;
beforeAll(async () => {
  // Beside one identity that answers for apps there is another one.
  system = await startTestSystem({ scale: { identity: 2 } });
  client = httpClient(system.gateway);
}, 180_000);
afterAll(() => system?.stop(), 60_000);

const lines = ['WebSocket', 'TCP'] as const;
type Line = (typeof lines)[number];

const listen = (login: SignedInDriver['nats'], line: Line) =>
  listenAs(login, line === 'TCP' ? new URL(system.natsUrl).host : undefined);

const aDriver = () => aDriverOf(client);
const logOut = (token: string) => client.post('/auth/logout', undefined, { bearer: token });

/** Makes an invoice and pays it. */
async function replenish(driver: SignedInDriver, amount: number): Promise<void> {
  await pressAt(await anInvoice(driver, amount, client), 'pay');
}

describe.each(lines)('a driver who listens over %s', (line) => {
  test('hears what they paid, once in each form, and nobody else does', async () => {
    const [driver, other] = [await aDriver(), await aDriver()];
    const [app, others] = [await listen(driver.nats, line), await listen(other.nats, line)];
    await replenish(driver, 1_069);
    await until(() => app.heard.length === 2);
    await replenish(driver, 2_000);
    await until(() => app.heard.length === 4);
    expect(app.heard).toEqual([...bothForms(driver.nats.topic, 1_069), ...bothForms(driver.nats.topic, 2_000)]);
    expect(others.heard).toEqual([]);
    await Promise.all([app.connection.close(), others.connection.close()]);
  });

  test('is disconnected when their session ends, long before the next look at all connections, and does not come back', async () => {
    const driver = await aDriver();
    const { connection } = await listen(driver.nats, line);
    expect((await logOut(driver.token)).status).toBe(204);
    await until(() => connection.isClosed());
    await expect(listen(driver.nats, line)).rejects.toThrow(/authorization violation/i);
  });

  test('listens with what the next answer of `me` gave, on the same topic', async () => {
    const driver = await aDriver();
    const { body } = await client.post<SignedInDriver>('/api/user/me', undefined, { bearer: driver.token });
    expect(body.nats.topic).toBe(driver.nats.topic);
    expect(body.nats.pass).not.toBe(driver.nats.pass);
    for (const login of [body.nats, driver.nats]) await (await listen(login, line)).connection.close();
  });
});

test('while every identity is away nobody is let in and nobody is thrown out; one that is back lets in', async () => {
  const driver = await aDriver();
  const app = await listen(driver.nats, 'WebSocket');
  const identities = system.instances.filter(({ service }) => service === 'identity').map(({ name }) => name);
  expect(identities).toHaveLength(2);
  await Promise.all(identities.map((name) => system.program(name).stop()));
  await expect(listen(driver.nats, 'WebSocket')).rejects.toThrow(/authorization|timeout/i);
  await app.connection.flush();

  system.program(identities[1] as string).start();
  await until(async () => (await listen(driver.nats, 'WebSocket')).connection.close().then(() => true), {
    timeoutMs: 60_000,
  });
  system.program(identities[0] as string).start();
  await system.ready();
  await replenish(driver, 3_000);
  await until(() => app.heard.length === 2);
  expect(app.heard).toEqual(bothForms(driver.nats.topic, 3_000));
  await app.connection.close();
});

test('one of two identities that is killed takes no push with it, and gives none twice', async () => {
  const driver = await aDriver();
  const app = await listen(driver.nats, 'TCP');
  const [first] = system.instances.filter(({ service }) => service === 'identity');
  const program = system.program(String(first?.name));
  const amounts = Array.from({ length: 6 }, (_, n) => 1_000 + n);
  for (const [n, amount] of amounts.entries()) {
    await replenish(driver, amount);
    if (n === 2) program.kill('SIGKILL');
  }
  await until(() => app.heard.length >= 12, { timeoutMs: 60_000 });
  await system.ready();
  const last = 9_999;
  await replenish(driver, last);
  await until(() => app.heard.some(({ data }) => JSON.stringify(data).includes(String(last))), { timeoutMs: 60_000 });
  await until(() => app.heard.length >= 14);
  const told = (wrapped: boolean) =>
    app.heard
      .filter(({ subject }) => (subject === driver.nats.topic) === wrapped)
      .map(({ data }) => (wrapped ? (data as { replenishment: unknown }).replenishment : data));
  for (const form of [true, false]) {
    expect(new Set(told(form).map((data) => JSON.stringify(data)))).toEqual(
      new Set([...amounts, last].map((amount) => JSON.stringify({ status: 'success', amount }))),
    );
    expect(told(form)).toHaveLength(7);
  }
  await app.connection.close();
});
