import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { type Address, parseAddress, withClient } from './address.ts';

/**
 * Prisma's adapter for pg, made fit for migrations. On its own it refuses a type that introspection selects, tears scripts
 * apart at each semicolon, and opens the main database where it should open the shadow.
 */
export function migrationAdapter(url: string | undefined): SqlMigrationAwareDriverAdapterFactory {
  const address = url === undefined ? undefined : parseAddress(url);
  const given = () => {
    if (!address) throw new Error('this command needs DATABASE_URL');
    return address;
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => connect(given(), given().url),
    connectToShadowDb: async () => connectToShadow(given()),
  };
}

async function connectToShadow(address: Address): Promise<SqlDriverAdapter> {
  const shadow = `prisma_migrate_shadow_db_${randomUUID()}`;
  const name = pg.escapeIdentifier(shadow);
  await withClient(address.url, (client) => client.query(`CREATE DATABASE ${name}`));
  // Every real database of ours has it, in `public`, before the first migration.
  await withClient(address.on(shadow), (client) =>
    client.query('CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public'),
  );
  const connection = await connect(address, address.on(shadow));
  const dispose = connection.dispose.bind(connection);
  connection.dispose = async () => {
    await dispose();
    await withClient(address.url, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
  };
  return connection;
}

/** Migrations name their tables without a schema: search_path says which, as it does for the service's role. */
async function connect({ schema }: Address, connectionString: string): Promise<SqlDriverAdapter> {
  const path = schema && `-c search_path=${pg.escapeIdentifier(schema)},public`;
  const pool = new pg.Pool({ connectionString, max: 4, ...(path && { options: path }) });
  const catalogChars = readCatalogChars(pool);
  const adapter = await new PrismaPg(pool, { ...(schema && { schema }), disposeExternalPool: true }).connect();

  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const column of catalogChars.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
    return result;
  };
  // One simple query, as the native engine does: functions and DO blocks stay whole, and a script is one transaction.
  adapter.executeScript = async (script) => {
    await pool.query(script).catch((error) => (adapter as unknown as FailureReporter).onError(error));
  };
  if (schema) await adapter.executeScript(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(schema)}`);
  return adapter;
}

/** The adapter's own way to turn an error of pg into one that Prisma can explain; protected, but there. */
interface FailureReporter {
  onError(error: unknown): never;
}

const catalogChar = 18; // the one-letter type "char" of pg_catalog
const text = 25;

/** Lets the adapter take "char" columns for text, and remembers for each result which they were. */
function readCatalogChars(pool: pg.Pool): WeakMap<object, number[]> {
  const columnsOf = new WeakMap<object, number[]>();
  const query = pool.query.bind(pool) as (config: unknown) => Promise<pg.QueryResult>;
  const reading = async (config: unknown) => {
    const result = await query(config);
    const columns: number[] = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== catalogChar) continue;
      field.dataTypeID = text;
      columns.push(index);
    }
    if (columns.length > 0) columnsOf.set(result.rows, columns);
    return result;
  };
  pool.query = reading as typeof pool.query;
  return columnsOf;
}
