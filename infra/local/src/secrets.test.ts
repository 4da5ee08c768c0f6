import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSecrets } from './secrets.ts';

async function aDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'forecourt-secrets-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

const plain = ({ role, brokerUser, brokerKeys, ...secrets }: Awaited<ReturnType<typeof readSecrets>>) => ({
  ...secrets,
  ...brokerKeys,
  orders: role('orders'),
  catalog: role('catalog'),
  ordersAtTheBroker: brokerUser('orders'),
  catalogAtTheBroker: brokerUser('catalog'),
});

test('secrets are made once for a directory, each another one, and for its owner’s eyes', async () => {
  const [directory, other] = [await aDirectory(), await aDirectory()];
  const secrets = plain(await readSecrets(directory));
  expect(plain(await readSecrets(directory))).toEqual(secrets);
  const all = [...Object.values(secrets), ...Object.values(plain(await readSecrets(other)))];
  expect(new Set(all).size).toBe(all.length);
  expect((await stat(join(directory, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

test('a directory of an earlier version keeps its secrets, and gets once what it lacks', async () => {
  const directory = await aDirectory();
  const earlier = { postgres: 'p', nats: 'n', roles: 'r', token: 't' };
  await writeFile(join(directory, 'secrets.json'), JSON.stringify(earlier), { mode: 0o600 });
  const { postgres, nats, token, deviceKeys, brokerKeys } = await readSecrets(directory);
  expect({ postgres, nats, token }).toEqual({ postgres: 'p', nats: 'n', token: 't' });
  expect(deviceKeys).toMatch(/^local:.{32,}$/);
  expect(await readSecrets(directory)).toMatchObject({ deviceKeys, brokerKeys });
  const kept = JSON.parse(await readFile(join(directory, 'secrets.json'), 'utf8'));
  expect(kept).toMatchObject({ ...earlier, deviceKeys, brokerKeys });
});
