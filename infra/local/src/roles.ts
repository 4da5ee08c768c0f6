import pg from 'pg';
import { demandPostgres } from './servers/postgres-version.ts';

export interface ServiceDatabasesOptions {
  /** Of a role that may make roles and schemas; the path names the database. */
  adminUrl: string;
  services: readonly { name: string; instances: number }[];
  password(service: string): string;
}

/** Enough for a pool, a relay with its lock, and an instance that is just being replaced. */
const connectionsPerInstance = 40;

/**
 * A role and a schema for each service. A role owns its schema and can touch nothing else, so that no query crosses
 * schemas by mistake, and a service moves to another server by changing its URL. Running it again changes nothing.
 */
export async function prepareServiceDatabases(options: ServiceDatabasesOptions): Promise<Map<string, string>> {
  const { adminUrl, services, password } = options;
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock(hashtext('forecourt roles'))");
    const { rows } = await client.query<{ version: number; name: string; is_super: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, current_database() AS name, rolsuper AS is_super
       FROM pg_roles WHERE rolname = current_user`,
    );
    const { version = 0, name: database = '', is_super: superuser = false } = rows[0] ?? {};
    demandPostgres(version, new URL(adminUrl).host);
    await closeToOthers(client, database);
    const urls = new Map<string, string>();
    for (const { name, instances } of services) {
      const role = roleName(database, name);
      await prepareRole(client, { role, database, schema: name, secret: password(name), instances, superuser });
      urls.set(name, serviceUrl(adminUrl, name, password(name)));
    }
    return urls;
  } finally {
    await client.end();
  }
}

/** Roles belong to the whole server, and several systems may share one: the database's name keeps them apart. */
const roleName = (database: string, service: string) => `${database}_${service}`;

async function closeToOthers(client: pg.Client, database: string): Promise<void> {
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public');
  await client.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`);
  await client.query('REVOKE ALL ON SCHEMA public FROM PUBLIC');
}

interface RoleWish {
  role: string;
  database: string;
  schema: string;
  secret: string;
  instances: number;
  superuser: boolean;
}

async function prepareRole(
  client: pg.Client,
  { role, database, schema, secret, instances, superuser }: RoleWish,
): Promise<void> {
  const [roleId, databaseId, schemaId] = [role, database, schema].map(pg.escapeIdentifier) as [string, string, string];
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${roleId} LOGIN NOINHERIT`);
  await client.query(
    `ALTER ROLE ${roleId} PASSWORD ${pg.escapeLiteral(secret)} CONNECTION LIMIT ${connectionsPerInstance * instances}`,
  );
  // Temporary tables are for `streams compare`, which operators run as the service.
  await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${databaseId} TO ${roleId}`);
  await client.query(`GRANT USAGE ON SCHEMA public TO ${roleId}`);
  // Only a superuser may give a schema to a role that it is no member of.
  if (!superuser) await client.query(`GRANT ${roleId} TO CURRENT_USER`);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schemaId} AUTHORIZATION ${roleId}`);
  await client.query(`ALTER ROLE ${roleId} IN DATABASE ${databaseId} SET search_path = ${schemaId}, public`);
}

/** All that was made for one system on a server that others use, too. */
export async function dropDatabase(serverUrl: string, database: string, services: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(database)} WITH (FORCE)`);
    for (const service of services)
      await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(roleName(database, service))}`);
  } finally {
    await client.end();
  }
}

/** The same database, as the service's own role. */
export function serviceUrl(adminUrl: string, service: string, secret: string): string {
  const url = new URL(adminUrl);
  url.username = roleName(url.pathname.slice(1), service);
  url.password = secret;
  return url.toString();
}

/** On a server of our own: a database to itself, so that roles cannot enter the server's own one. */
export async function createDatabase(serverUrl: string, database: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.toString();
}
