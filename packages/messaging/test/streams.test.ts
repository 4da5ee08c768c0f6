import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TestNats, until } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { aNats, aRelay, type Ground, layGround, ordersStream, storedIn, versionsByThing } from './fixture.ts';

const cli = join(import.meta.dirname, '../src/streams-cli.ts');

/** The command as an operator types it; its exit code, and the columns of what it says. */
async function streams(ground: Ground, nats: TestNats, command: string): Promise<{ code: number; lines: string[][] }> {
  const env = { DATABASE_URL: ground.url, NATS_URL: nats.url, STREAM_PREFIX: nats.streamPrefix };
  const columns = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, command], { env });
    return { code: 0, lines: columns(stdout) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, lines: columns(stdout + stderr) };
  }
}

const head = ['type', 'outbox', 'stream', 'missing', 'unknown'];
const type = 'orders.thing.changed.v1';

async function aStreamOf(count: number) {
  const [ground, nats] = await Promise.all([layGround(), aNats()]);
  const relay = await aRelay(ground, nats);
  for (let change = 0; change < count; change++) await ground.change('one');
  relay.wake();
  await until(() => relay.status().published === count);
  return { ground, nats, relay };
}

test('a stream that has all that was told is said to, with exit code 0', async () => {
  const { ground, nats } = await aStreamOf(3);
  expect(await streams(ground, nats, 'compare')).toEqual({ code: 0, lines: [head, [type, '3', '3', '0', '0']] });
});

test('what a stream lacks is counted with exit code 1, and replayed', async () => {
  const { ground, nats } = await aStreamOf(7);
  for (const place of [2, 3, 6]) await nats.manager.streams.deleteMessage(ordersStream(nats), place);
  expect(await streams(ground, nats, 'compare')).toEqual({ code: 1, lines: [head, [type, '7', '4', '3', '0']] });
  expect((await streams(ground, nats, 'replay')).lines.at(-1)).toEqual(['3 published again']);
  expect(await streams(ground, nats, 'compare')).toEqual({ code: 0, lines: [head, [type, '7', '7', '0', '0']] });
  const [versions = []] = versionsByThing(await storedIn(nats));
  expect(versions.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('what the relay told before it began to number is replayed, too', async () => {
  const { ground, nats, relay } = await aStreamOf(3);
  await relay.close();
  await ground.sql(`UPDATE outbox_cursor SET epoch = '', numbers = '{}'`);
  const next = await aRelay(ground, nats);
  await ground.change('one');
  await until(() => next.status().published === 1);
  await nats.manager.streams.deleteMessage(ordersStream(nats), 1);
  await nats.manager.streams.deleteMessage(ordersStream(nats), 4);
  expect((await streams(ground, nats, 'replay')).lines.at(-1)).toEqual(['2 published again']);
  expect((await streams(ground, nats, 'compare')).code).toBe(0);
});

test('events that no outbox knows are counted: they were told by a database that went back', async () => {
  const { ground, nats } = await aStreamOf(3);
  await ground.sql('DELETE FROM outbox WHERE aggregate_version = 3');
  const { lines } = await streams(ground, nats, 'compare');
  expect(lines[1]).toEqual([type, '2', '2', '0', '1']);
});

test('what is not told yet is not missing', async () => {
  const { ground, nats, relay } = await aStreamOf(2);
  await relay.close();
  await ground.change('one');
  expect((await streams(ground, nats, 'compare')).lines[1]).toEqual([type, '2', '2', '0', '0']);
});

test.each(['', 'list'])('an unknown command (%j) is answered with the usage', async (command) => {
  const { ground, nats } = { ground: { url: '' } as Ground, nats: { url: '', streamPrefix: '' } as TestNats };
  const { code, lines } = await streams(ground, nats, command);
  expect(code).toBe(1);
  expect(lines[0]?.[0]).toContain('streams compare');
});
