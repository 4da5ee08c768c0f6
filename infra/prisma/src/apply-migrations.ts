import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** As Prisma computes it: SHA-256 of the file. */
  readonly checksum: string;
}

export interface ApplyMigrationsOptions {
  /** Of the schema's owner. */
  connectionString: string;
  schema: string;
  /** `apps/<service>/prisma/migrations` */
  directory: string;
}

/** The history of this database and the files of this checkout contradict each other; a person must decide. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/** Prisma Migrate takes the same lock, so that the two never run at once. */
const prismaLock = 72707369;

const historyTable = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Applies what is not applied yet, in the order of names, and gives their names. It keeps Prisma's own history table, so
 * `prisma migrate status` agrees afterwards; it needs no command line, which takes seconds where this takes milliseconds.
 */
export async function applyMigrations({
  connectionString,
  schema,
  directory,
}: ApplyMigrationsOptions): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const client = new pg.Client({ connectionString, application_name: 'forecourt-migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [prismaLock]);
    await openSchema(client, schema);
    const pending = pendingMigrations(migrations, await readHistory(client), schema);
    for (const migration of pending) await apply(client, migration, schema);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

export async function readMigrations(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** The role of a service owns its schema but may not create one, so the schema is only created when it is missing. */
async function openSchema(client: pg.Client, schema: string): Promise<void> {
  const name = pg.escapeIdentifier(schema);
  const { rowCount } = await client.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${name}`);
  await client.query(`SET search_path TO ${name}, public`);
  await client.query(historyTable);
}

interface HistoryRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

async function readHistory(client: pg.Client): Promise<HistoryRow[]> {
  const { rows } = await client.query<HistoryRow>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
  );
  return rows;
}

function pendingMigrations(migrations: Migration[], history: HistoryRow[], schema: string): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished_at: finishedAt } of history) {
    if (!finishedAt) {
      throw new MigrationError(
        `migration ${name} of ${schema} failed earlier; mend it, then run "prisma migrate resolve --rolled-back ${name}"`,
      );
    }
    const file = known.get(name);
    if (!file)
      throw new MigrationError(`the database of ${schema} has migration ${name}, which this version does not know`);
    if (file.checksum !== checksum)
      throw new MigrationError(`migration ${name} of ${schema} was edited after it was applied`);
  }
  const applied = new Set(history.map((row) => row.migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

/** The file goes as one simple query: Postgres makes it one transaction, unless the file says otherwise. */
async function apply(client: pg.Client, { name, sql, checksum }: Migration, schema: string): Promise<void> {
  const id = randomUUID();
  await client.query('INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    await client.query(sql);
  } catch (cause) {
    await client.query('ROLLBACK');
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, String(cause)]);
    throw new MigrationError(`migration ${name} of ${schema} failed: ${(cause as Error).message}`, { cause });
  }
  await client.query('UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1', [id]);
}
