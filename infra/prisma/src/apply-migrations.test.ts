import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { applyMigrations } from './apply-migrations.ts';

const server = process.env.TEST_POSTGRES_URL ?? '';
const database = `forecourt_migrations_${process.pid}`;
const connectionString = server.replace(/\/[^/]*$/, `/${database}`);
const directory = await mkdtemp(join(tmpdir(), 'forecourt-migrations-'));

const ask = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

const migration = async (name: string, sql: string) => {
  await mkdir(join(directory, name), { recursive: true });
  await writeFile(join(directory, name, 'migration.sql'), sql);
};

const apply = () => applyMigrations({ connectionString, schema: 'garage', directory });

beforeEach(async () => {
  await rm(directory, { recursive: true, force: true });
  await ask(server, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await ask(server, `CREATE DATABASE ${database}`);
  await migration('1_car', 'CREATE TABLE car (id TEXT PRIMARY KEY)');
});

afterAll(async () => {
  await ask(server, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await rm(directory, { recursive: true, force: true });
});

test('each migration is applied once, in order, into its own schema', async () => {
  await migration('2_wheel', 'CREATE TABLE wheel (car_id TEXT REFERENCES car)');
  expect(await apply()).toEqual(['1_car', '2_wheel']);
  expect(await apply()).toEqual([]);
  await migration('3_seat', 'CREATE TABLE seat (id TEXT)');
  expect(await apply()).toEqual(['3_seat']);
  expect(await ask(connectionString, `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'garage'`)).toEqual([
    { n: 4 },
  ]);
});

test('two that apply at once do not apply twice', async () => {
  const results = await Promise.all([apply(), apply(), apply()]);
  expect(results.flat()).toEqual(['1_car']);
});

test('a failed migration leaves nothing but its record, and stands in the way of later ones', async () => {
  await migration('2_wheel', 'CREATE TABLE wheel (id TEXT); SELECT 1 / 0;');
  await expect(apply()).rejects.toThrow('migration 2_wheel of garage failed: division by zero');
  expect(await ask(connectionString, `SELECT to_regclass('garage.wheel') AS wheel`)).toEqual([{ wheel: null }]);
  await expect(apply()).rejects.toThrow('failed earlier');
});

test('an edited migration is refused', async () => {
  await apply();
  await migration('1_car', 'CREATE TABLE car (id UUID PRIMARY KEY)');
  await expect(apply()).rejects.toThrow('migration 1_car of garage was edited after it was applied');
});

test('a database of a newer version is refused', async () => {
  await migration('2_wheel', 'CREATE TABLE wheel (id TEXT)');
  await apply();
  await rm(join(directory, '2_wheel'), { recursive: true });
  await expect(apply()).rejects.toThrow('has migration 2_wheel, which this version does not know');
});
