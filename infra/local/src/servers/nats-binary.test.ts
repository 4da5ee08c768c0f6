import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { findNatsServer } from './nats-binary.ts';
import { mirrorIn } from './nats-from-debian.ts';
import { checksumIn } from './nats-from-release.ts';
import { atLeast } from './nats-version.ts';

const directory = await mkdtemp(join(tmpdir(), 'forecourt-nats-'));
afterAll(() => rm(directory, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const server = async (name: string, says: string) => {
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
  return path;
};

test('NATS_SERVER comes first, and must be new enough', async () => {
  const good = await server('new', 'nats-server: v2.11.3');
  vi.stubEnv('NATS_SERVER', good);
  expect(await findNatsServer(() => {})).toEqual({ path: good, version: '2.11.3' });

  const old = await server('old', 'nats-server: v2.9.10');
  vi.stubEnv('NATS_SERVER', old);
  await expect(findNatsServer(() => {})).rejects.toThrow(
    `NATS is too old: ${old} is 2.9.10, and 2.10 or newer is needed.`,
  );

  vi.stubEnv('NATS_SERVER', join(directory, 'nothing'));
  await expect(findNatsServer(() => {})).rejects.toThrow('is not a nats-server that runs here');
});

test.each([
  ['2.10.0', true],
  ['2.9.25', false],
  ['2.12.1', true],
  ['v3.0.0', true],
  ['1.99.0', false],
])('%s is new enough: %s', (version, expected) => {
  expect(atLeast(version, '2.10')).toBe(expected);
});

test.each([
  ['deb http://mirror.example/debian bookworm main', 'http://mirror.example/debian'],
  ['deb [arch=amd64 signed-by=/x] https://mirror.example/x/debian/ bookworm main', 'https://mirror.example/x/debian'],
  ['Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm', 'http://mirror.example/debian'],
  ['URIs: http://mirror.example/debian-security', undefined],
  ['deb https://deb.nodesource.com/node_20.x nodistro main', undefined],
  ['# deb http://mirror.example/debian bookworm main', undefined],
])('in %j the mirror is %s', (sources, mirror) => {
  expect(mirrorIn(sources)).toBe(mirror);
});

test('a release without a checksum for the file is refused', () => {
  const sum = 'a'.repeat(64);
  expect(checksumIn(`${'b'.repeat(64)}  other.tar.gz\n${sum}  ours.tar.gz\n`, 'ours.tar.gz')).toBe(sum);
  expect(() => checksumIn(`${sum}  other.tar.gz\n`, 'ours.tar.gz')).toThrow('no checksum of ours.tar.gz');
});
