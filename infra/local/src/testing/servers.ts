import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from '../lock.ts';
import { local } from '../paths.ts';
import { freePorts } from '../port.ts';
import { readSecrets } from '../secrets.ts';
import { natsUrl, plainAccess, startNats } from '../servers/nats.ts';
import { startPostgres } from '../servers/postgres.ts';
import { removePostgresData } from '../servers/postgres-home.ts';
import { endLeftovers, removeState, writeState } from '../state.ts';
import { createSupervisor } from '../supervisor.ts';
import { together } from '../together.ts';

export interface TestServers {
  /** As superuser. */
  readonly postgresUrl: string;
  readonly natsUrl: string;
  stop(): Promise<void>;
}

const parent = join(local, 'test');
const user = 'forecourt';

/**
 * A Postgres and a NATS for one run of tests, empty, at ports of their own, gone at the end: any number of runs fit beside
 * each other and beside a running system. TEST_POSTGRES_URL and TEST_NATS_URL name servers to use instead.
 */
export async function startTestServers(say: (step: string, text: string) => void): Promise<TestServers> {
  const { TEST_POSTGRES_URL: givenPostgres, TEST_NATS_URL: givenNats } = process.env;
  if (givenPostgres && givenNats) return { postgresUrl: givenPostgres, natsUrl: givenNats, stop: async () => {} };

  await mkdir(parent, { recursive: true });
  await removeAbandoned();
  const directory = await mkdtemp(join(parent, 'run-'));
  await tryLock(join(directory, 'lock'));
  const supervisor = createSupervisor({ say, changed: (programs) => writeState(directory, '', programs) });
  const stop = async () => {
    await supervisor.stop([['nats', 'postgres']]);
    supervisor.dismiss();
    await removeRun(directory);
  };
  try {
    const secrets = await readSecrets(directory);
    const [postgresPort, natsPort] = (await freePorts(2)) as [number, number];
    const shared = { directory, throwaway: true, supervisor, say };
    const openPostgres = async () =>
      givenPostgres ??
      (await startPostgres({ ...shared, inMemory: true, port: postgresPort, password: secrets.postgres })).url;
    const openNats = async () => {
      if (givenNats) return givenNats;
      await startNats({ ...shared, port: natsPort, access: plainAccess(user, secrets.nats) });
      return natsUrl(natsPort, user, secrets.nats);
    };
    const [postgres, nats] = await together(openPostgres(), openNats());
    return { postgresUrl: postgres, natsUrl: nats, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('run-')) continue;
    const directory = join(parent, name);
    if ('pid' in (await tryLock(join(directory, 'lock')))) continue;
    await endLeftovers(directory);
    await removeRun(directory);
  }
}

async function removeRun(directory: string): Promise<void> {
  removeState(directory);
  await removePostgresData(directory);
  await rm(directory, { recursive: true, force: true });
}
