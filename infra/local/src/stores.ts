import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { applyMigrations } from '@forecourt/prisma-tools';
import type { Network, Scale } from './network.ts';
import { Obstacle } from './obstacle.ts';
import { appDirectory } from './paths.ts';
import { createDatabase, dropDatabase, prepareServiceDatabases } from './roles.ts';
import type { Secrets } from './secrets.ts';
import { type Broker, givenBroker, startBroker } from './servers/broker.ts';
import { firstOf } from './servers/nats.ts';
import { startPostgres } from './servers/postgres.ts';
import { services } from './services.ts';
import type { Supervisor } from './supervisor.ts';
import { together } from './together.ts';

export interface StoresOptions {
  directory: string;
  network: Network;
  secrets: Secrets;
  supervisor: Supervisor;
  scale?: Scale;
  throwaway?: boolean;
  postgresUrl?: string | undefined;
  natsUrl?: string | undefined;
  postgresSettings?: Readonly<Record<string, string>>;
  guest?: boolean;
  streamPrefix: string;
  say(step: string, text: string): void;
}

export interface Stores {
  readonly adminUrl: string;
  readonly databaseUrls: ReadonlyMap<string, string>;
  readonly broker: Broker;
  /** Takes away what a guest had made for itself. */
  leave(): Promise<void>;
}

const keepers = services.filter(({ keepsTables }) => keepsTables).map(({ name }) => name);

/** Postgres with a migrated schema for each service, and NATS: ours, or those that the options name. */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const { scale = {}, say } = options;
  const [{ adminUrl, leave }, broker] = await together(openPostgres(options), openBroker(options));
  say('nats', firstOf(broker.operatorUrl).host);
  say('postgres', new URL(adminUrl).host);
  const databaseUrls = await prepareServiceDatabases({
    adminUrl,
    services: keepers.map((name) => ({ name, instances: scale[name] ?? 1 })),
    password: options.secrets.role,
  }).catch((error: Error) => {
    if (!options.postgresUrl || error instanceof Obstacle) throw error;
    throw new Obstacle(
      `DATABASE_URL: ${options.postgresUrl.replace(/\/\/.*@/, '//')} cannot be used: ${error.message}. It needs a role that may make roles, schemas and the extension pg_trgm.`,
    );
  });
  for (const [schema, connectionString] of databaseUrls) {
    const directory = join(appDirectory(schema), 'prisma/migrations');
    const applied = await applyMigrations({ connectionString, schema, directory });
    if (applied.length > 0) say('migrated', `${schema}: ${applied.join(', ')}`);
  }
  return { adminUrl, databaseUrls, broker, leave };
}

async function openPostgres(options: StoresOptions): Promise<Pick<Stores, 'adminUrl' | 'leave'>> {
  const { directory, network, secrets, supervisor, throwaway = false, postgresUrl, guest = false } = options;
  const nothing = async () => {};
  if (postgresUrl && guest) {
    const database = `forecourt_${randomBytes(5).toString('hex')}`;
    const adminUrl = await createDatabase(postgresUrl, database);
    return { adminUrl, leave: () => dropDatabase(postgresUrl, database, keepers) };
  }
  if (postgresUrl) return { adminUrl: postgresUrl, leave: nothing };
  const { url } = await startPostgres({
    directory,
    port: network.postgres,
    password: secrets.postgres,
    throwaway,
    ...(options.postgresSettings && { settings: options.postgresSettings }),
    supervisor,
  });
  return { adminUrl: await createDatabase(url, 'forecourt'), leave: nothing };
}

function openBroker(options: StoresOptions): Promise<Broker> {
  const { directory, network, secrets, supervisor, throwaway = false, natsUrl, streamPrefix, say } = options;
  if (natsUrl) return givenBroker(natsUrl);
  const { nats: port, webSocket: webSocketPort } = network;
  return startBroker({ directory, port, webSocketPort, secrets, streamPrefix, throwaway, supervisor, say });
}
