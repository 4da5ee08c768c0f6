import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@forecourt/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askForCode } from '../../test/codes.ts';
import { deviceKeySecret, startIdentity, type TestIdentity, tokenSecret } from '../../test/identity.ts';
import { aQueuedMessage, storyOf } from '../../test/messages.ts';
import { gatewaySettings, startGateway, type TestGateway, takesOn } from '../../test/sms-gateway.ts';
import { sendDueMessages } from './service.ts';

let gateway: TestGateway;
let identity: TestIdentity;
let settings: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  gateway = await startGateway();
  settings = JSON.stringify([gatewaySettings('first', gateway.url, { timeoutSeconds: 30 })]);
  identity = await startIdentity({ MESSAGE_PROVIDERS: settings }, { nats: true });
  identity.runtime.clock.set(new Date()); // that of the other process
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await identity.close();
  await gateway.close();
});

/** Another process of identity, on the same database. */
async function startProcess(): Promise<{ kill(): Promise<void> }> {
  const { DATABASE_URL, NATS_URL, STREAM_PREFIX } = identity.runtime.config;
  const started = spawn(process.execPath, [`${import.meta.dirname}/../main.ts`], {
    env: {
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL,
      NATS_URL,
      STREAM_PREFIX,
      TOKEN_SECRET: tokenSecret,
      DEVICE_KEY_SECRETS: `test:${deviceKeySecret}`,
      MESSAGE_PROVIDERS: settings,
    },
    stdio: 'ignore',
  });
  child = started;
  const exited = once(started, 'exit');
  return {
    kill: async () => {
      started.kill('SIGKILL');
      await exited;
      identity.runtime.clock.set(new Date()); // it took its time
    },
  };
}

const callIdsTo = (recipient: string) =>
  gateway.requests
    .filter(({ body }) => JSON.parse(body).to === recipient)
    .map(({ headers }) => headers['idempotency-key']);
const codesTo = (recipient: string) =>
  gateway.requests
    .filter(({ body }) => JSON.parse(body).to === recipient)
    .map(({ body }) => /\d{6}/.exec(JSON.parse(body).text)?.[0]);

test('a process that is killed amid its calls leaves them in doubt: a code goes out once more, news of an order does not', async () => {
  gateway.behave = () => {}; // it has the request, and has not answered yet
  const { recipient: waiting } = await askForCode(identity);
  const buyer = await aQueuedMessage(identity);
  const killed = await startProcess();
  await until(() => gateway.requests.length === 2, { timeoutMs: 60_000, message: 'not both have been called for' });
  await killed.kill();

  gateway.behave = takesOn;
  expect(await sendDueMessages(identity.deps)).toBe(0); // it might still be alive, as far as anybody knows
  identity.runtime.clock.advance(125_000);
  expect(await sendDueMessages(identity.deps)).toBe(2);

  const code = await storyOf(identity, waiting);
  expect(code).toMatchObject({
    message: { status: 'sent', attempts: 2 },
    calls: [
      { outcome: 'in_doubt', error: 'whoever made the call is gone', reference: null },
      { outcome: 'taken', error: null, reference: '4711' },
    ],
  });
  expect(callIdsTo(waiting)).toEqual(code.calls.map(({ id }) => id));
  expect(new Set(codesTo(waiting)).size).toBe(1);

  const news = await storyOf(identity, buyer);
  expect(news).toMatchObject({ message: { status: 'in_doubt' }, calls: [{ outcome: 'in_doubt' }] });
  expect(callIdsTo(buyer)).toEqual(news.calls.map(({ id }) => id));

  identity.runtime.clock.advance(3_600_000);
  expect(await sendDueMessages(identity.deps)).toBe(0);
}, 120_000);

test('a code that was in doubt and is not good any more is not sent again', async () => {
  gateway.behave = () => {};
  const { recipient } = await askForCode(identity);
  const killed = await startProcess();
  await until(() => gateway.requests.length === 1, { timeoutMs: 60_000, message: 'it was not called for' });
  await killed.kill();
  identity.runtime.clock.advance(5 * 60_000);
  await sendDueMessages(identity.deps);
  expect(gateway.requests).toHaveLength(1);
  expect((await storyOf(identity, recipient)).message).toMatchObject({ status: 'expired' });
}, 120_000);
