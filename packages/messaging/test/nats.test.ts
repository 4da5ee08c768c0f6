import { createTestNats, layCable, until } from '@forecourt/testing';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { connectNats, credentialsIn, serversIn } from '../src/nats.ts';

test.each([
  ['nats://127.0.0.1:4222', {}],
  ['127.0.0.1:4222', {}],
  ['nats://shop:p%40ss@127.0.0.1:4222,nats://other:4222', { user: 'shop', pass: 'p@ss' }],
  ['nats://s3cr3t@127.0.0.1:4222', { token: 's3cr3t' }],
])('the credentials of %s are used', (url, credentials) => {
  expect(credentialsIn(url)).toEqual(credentials);
});

test.each([
  ['nats://127.0.0.1:4222', ['nats://127.0.0.1:4222']],
  ['nats://user:4d89@127.0.0.1:4222', ['nats://127.0.0.1:4222']],
  ['nats://user:a%40b@one:4222, token@two:4223', ['nats://one:4222', 'two:4223']],
  ['tls://9@one', ['tls://one']],
])('the servers of %s are addresses alone', (url, servers) => {
  expect(serversIn(url)).toEqual(servers);
});

test('a clock that is set back by minutes keeps nobody from connecting again', async () => {
  const { url, close } = await createTestNats();
  await close();
  const cable = await layCable(url);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 300_000 });
  const nats = await connectNats({ url: cable.url, name: 'clock', log: pino({ level: 'silent' }) });
  try {
    vi.useRealTimers();
    cable.cut();
    await until(() => !nats.isConnected());
    cable.mend();
    await until(() => nats.isConnected());
  } finally {
    vi.useRealTimers();
    await nats.close();
    await cable.close();
  }
});
