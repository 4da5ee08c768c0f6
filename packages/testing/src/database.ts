import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { applyMigrations, readMigrations } from '@forecourt/prisma-tools';
import pg from 'pg';

export interface TestDatabase {
  /** As the service's own role, whose search_path is its schema, then public. */
  readonly url: string;
  close(): Promise<void>;
}

const apps = join(import.meta.dirname, '../../../apps');
const templates = new Map<string, Promise<string>>();

/** A database with the service's migrations applied, for this caller alone: a copy of a template, made in milliseconds. */
export async function createTestDatabase(service: string): Promise<TestDatabase> {
  const database = `forecourt_test_${service}_${randomBytes(6).toString('hex')}`;
  const template = await templateOf(service);
  await onServer((server) => copy(server, template, database)).catch(async (error: pg.DatabaseError) => {
    // Another checkout with other migrations has cleaned up our template in the meantime.
    if (error.code !== '3D000') throw error;
    templates.delete(service);
    const again = await templateOf(service);
    await onServer((server) => copy(server, again, database));
  });
  return {
    url: serviceUrl(service, database),
    close: () => onServer((server) => drop(server, database)),
  };
}

function templateOf(service: string): Promise<string> {
  const known = templates.get(service) ?? buildTemplate(service);
  templates.set(service, known);
  return known;
}

/** Named by its migrations' content, so it is built once for all test files, and anew when a migration changes. */
async function buildTemplate(service: string): Promise<string> {
  const directory = join(apps, service, 'prisma/migrations');
  const migrations = await readMigrations(directory);
  const hash = createHash('sha256').update(migrations.map(({ name, checksum }) => `${name} ${checksum}\n`).join(''));
  const family = `forecourt_template_${service}_`;
  const template = family + hash.digest('hex').slice(0, 16);

  await onServer(async (server) => {
    await server.query('SELECT pg_advisory_lock(hashtext($1))', [family]);
    const { rows } = await server.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
      [family],
    );
    if (rows.some(({ name }) => name === template)) return;
    for (const { name } of rows) await drop(server, name);

    const draft = `${template}_draft`;
    await createRole(server, service);
    await server.query(`CREATE DATABASE ${draft}`);
    await on(draft, async (client) => {
      await client.query('CREATE EXTENSION pg_trgm SCHEMA public');
      await client.query(`CREATE SCHEMA ${service} AUTHORIZATION ${roleOf(service)}`);
    });
    await applyMigrations({ connectionString: serviceUrl(service, draft), schema: service, directory });
    await server.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  });
  return template;
}

/** One for all databases of the server: tests of several processes share it, and it can do nothing outside of them. */
async function createRole(server: pg.Client, service: string): Promise<void> {
  const role = roleOf(service);
  const { rowCount } = await server.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await server.query(`CREATE ROLE ${role} LOGIN`);
  await server.query(`ALTER ROLE ${role} PASSWORD '${rolePassword}'`);
  await server.query(`ALTER ROLE ${role} SET search_path = ${service}, public`);
}

const rolePassword = 'test';
const roleOf = (service: string) => `forecourt_test_${service}`;

/** By its files: through the log, which is the default, it takes three times as long. */
const copy = (server: pg.Client, template: string, database: string) =>
  server.query(`CREATE DATABASE ${database} TEMPLATE ${template} STRATEGY file_copy`).then(() => {});

const drop = (server: pg.Client, database: string) =>
  server.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`).then(() => {});

function serviceUrl(service: string, database: string): string {
  const url = new URL(serverUrl());
  url.username = roleOf(service);
  url.password = rolePassword;
  url.pathname = `/${database}`;
  return url.toString();
}

const onServer = <T>(work: (server: pg.Client) => Promise<T>) => on('postgres', work);

async function on<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.toString() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function serverUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (!url) throw new Error('TEST_POSTGRES_URL is missing: run tests through vitest, whose set-up provides it');
  return url;
}
