import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { applyMigrations } from './apply-migrations.ts';
import { migrationAdapter } from './engine/adapter.ts';
import { parseAddress, withClient } from './engine/address.ts';
import { loadEngine } from './engine/wasm.ts';
import { schemaUrl } from './prisma-config.ts';

export interface DriftOptions {
  /** `apps/<service>/prisma`: schema.prisma and migrations/. */
  directory: string;
  service: string;
  /** A server where this role may make a database, for the time of the comparison. */
  server: string;
}

/**
 * What would have to change in the migrated database to be what schema.prisma says: SQL statements, none when they agree.
 * It compares what Prisma can see; README.md says what that is.
 */
export async function findDrift({ directory, service, server }: DriftOptions): Promise<string[]> {
  const migrations = join(directory, 'migrations');
  if (!existsSync(join(migrations, 'migration_lock.toml'))) {
    return ['-- migrations/migration_lock.toml is missing; Prisma reads there which database the migrations are for'];
  }
  const address = parseAddress(server);
  const scratch = `forecourt_drift_${service}_${randomBytes(6).toString('hex')}`;
  await withClient(address.url, (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(scratch)}`));
  try {
    await withClient(address.on(scratch), (client) => client.query('CREATE EXTENSION pg_trgm SCHEMA public'));
    await applyMigrations({ connectionString: address.on(scratch), schema: service, directory: migrations });
    return statementsOf(await compare(schemaUrl(address.on(scratch), service), join(directory, 'schema.prisma')));
  } finally {
    await withClient(address.url, (client) =>
      client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(scratch)} WITH (FORCE)`),
    );
  }
}

async function compare(url: string, schemaPath: string): Promise<string> {
  const { SchemaEngine } = await loadEngine();
  const adapter = bindMigrationAwareSqlAdapterFactory(migrationAdapter(url));
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
  try {
    const files = [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }];
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return stdout ?? '';
  } finally {
    engine.free();
  }
}

/** Prisma puts a comment line before each statement, and an empty line after it. */
const statementsOf = (script: string) =>
  script
    .split(/\n\s*\n/)
    .map((block) => block.replace(/^--.*\n?/gm, '').trim())
    .filter((statement) => statement !== '');
