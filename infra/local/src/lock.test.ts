import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { tryLock, withLock } from './lock.ts';
import { markOf } from './process-identity.ts';

const directory = await mkdtemp(join(tmpdir(), 'forecourt-lock-'));
const path = join(directory, 'lock');
beforeEach(() => rm(path, { force: true }));
afterAll(() => rm(directory, { recursive: true }));

test('whoever comes second hears who has it', async () => {
  const lock = await tryLock(path);
  expect(await tryLock(path)).toMatchObject({ pid: process.pid });
  if ('release' in lock) await lock.release();
  expect(await tryLock(path)).toHaveProperty('release');
});

test.each([
  ['a process that has ended', JSON.stringify({ pid: 2 ** 22 + 1, identity: 'gone' })],
  ['a process whose id belongs to another one now', JSON.stringify({ pid: process.pid, identity: 'an earlier one' })],
  ['a process that died while it wrote', '{"pi'],
])('the lock of %s is free', async (_name, text) => {
  await writeFile(path, text);
  expect(await tryLock(path)).toHaveProperty('release');
});

test('of many that find a dead lock, one at a time gets it', async () => {
  await writeFile(path, JSON.stringify({ ...markOf(process.pid), identity: 'gone' }));
  let inside = 0;
  let most = 0;
  let turns = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await writeFile(join(directory, 'work'), 'x');
    inside -= 1;
    turns += 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(path, work, () => {})));
  expect([most, turns]).toEqual([1, 8]);
});
