import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tryLock } from './lock.ts';
import { askJetStream } from './servers/nats-streams.ts';
import { removePostgresData } from './servers/postgres-home.ts';
import { startSystem } from './system.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forecourt-system-'));
});
afterEach(async () => {
  await removePostgresData(directory);
  await rm(directory, { recursive: true });
});

test('a second system in the same place is refused, with the first one named', async () => {
  await tryLock(join(directory, 'system.lock'));
  await expect(startSystem({ directory, ports: 'free' })).rejects.toThrow(
    `Forecourt runs here already (process ${process.pid}); "npm run stop" ends it.`,
  );
});

test('data of another Postgres are refused before anything is started', async () => {
  await mkdir(join(directory, 'postgres'));
  await writeFile(join(directory, 'postgres/PG_VERSION'), '9\n');
  await expect(startSystem({ directory, ports: 'free', natsUrl: process.env.TEST_NATS_URL })).rejects.toThrow(
    /are of Postgres 9, and this version of Forecourt brings Postgres 18\. .*--fresh/,
  );
});

test('a refused start leaves the place free for the next', async () => {
  await startSystem({ directory, ports: 'free', natsUrl: 'nats://127.0.0.1:1' }).catch(() => {});
  expect(await tryLock(join(directory, 'system.lock'))).toHaveProperty('release');
});

test('--fresh does not pretend to empty servers that are not ours', async () => {
  await expect(startSystem({ directory, fresh: true, postgresUrl: 'postgres://127.0.0.1:1/shop' })).rejects.toThrow(
    'empty the servers of DATABASE_URL and NATS_URL yourself',
  );
});

test.each([
  ['too old', '{"version":"2.9.10","jetstream":true}', /NATS is too old: .* is 2\.9\.10, and 2\.10 or newer is needed/],
  ['without JetStream', '{"version":"2.10.27"}', /runs without JetStream/],
])('a broker %s is refused', async (_name, info, message) => {
  const broker = createServer((socket) => socket.end(`INFO ${info}\r\n`));
  await new Promise<void>((listening) => broker.listen(0, '127.0.0.1', listening));
  const { port } = broker.address() as { port: number };
  try {
    const postgresUrl = process.env.TEST_POSTGRES_URL;
    const natsUrl = `nats://127.0.0.1:${port}`;
    await expect(startSystem({ directory, ports: 'free', postgresUrl, guest: true, natsUrl })).rejects.toThrow(message);
  } finally {
    broker.close();
  }
});

test.runIf(process.platform === 'linux')(
  'each process may be told something of its own, and a guest leaves nothing behind',
  async () => {
    const system = await startSystem({
      directory,
      ports: 'free',
      demo: false,
      guest: true,
      postgresUrl: process.env.TEST_POSTGRES_URL,
      natsUrl: process.env.TEST_NATS_URL,
      scale: { catalog: 2 },
      env: async ({ name }, told) => ({ NODE_ENV: 'development', TOLD: `${name} at ${told.PORT}` }),
    });
    try {
      for (const { name, port } of system.instances) {
        const environment = await readFile(`/proc/${system.program(name).pid}/environ`, 'utf8');
        expect(environment.split('\0')).toContain(`TOLD=${name} at ${port}`);
      }
    } finally {
      await system.stop();
    }
    const [left = ''] = await askJetStream(system.natsUrl, ['STREAM.NAMES']);
    expect(left).toContain('stream_names_response');
    expect(left).not.toContain(system.streamPrefix);
  },
  60_000,
);
