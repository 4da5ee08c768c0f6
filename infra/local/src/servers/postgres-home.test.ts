import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removePostgresData, settlePostgres } from './postgres-home.ts';

async function aPlace(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'forecourt-home-'));
  onTestFinished(async () => {
    await removePostgresData(directory);
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

const memory = await statfs('/dev/shm').catch(() => undefined);
const hasRoom = memory !== undefined && memory.bavail * memory.bsize >= 4 * 2 ** 30;

test.runIf(hasRoom)('data may lie in memory, and go with what leads to them', async () => {
  const directory = await aPlace();
  const { data } = await settlePostgres(directory, { inMemory: true });
  expect(data).toMatch(/^\/dev\/shm\//);
  expect(existsSync(data)).toBe(true);
  await removePostgresData(directory);
  expect(existsSync(dirname(data))).toBe(false);
});

test.runIf(hasRoom)('what was in memory is found there again', async () => {
  const directory = await aPlace();
  const first = await settlePostgres(directory, { inMemory: true });
  await writeFile(join(first.data, 'PG_VERSION'), '18\n');
  const { data } = await settlePostgres(directory, { inMemory: true });
  expect(await realpath(data)).toBe(first.data);
});

test('others are on the disk', async () => {
  const directory = await aPlace();
  const { data } = await settlePostgres(directory, { inMemory: false });
  expect(data).not.toMatch(/^\/dev\/shm\//);
});
