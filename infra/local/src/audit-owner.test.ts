import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { applyMigrations } from '@forecourt/prisma-tools';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, dropDatabase, prepareServiceDatabases } from './roles.ts';

const server = process.env.TEST_POSTGRES_URL ?? '';
const database = `forecourt_audit_${randomBytes(4).toString('hex')}`;
const identity = new URL('../../../apps/identity/', import.meta.url).pathname;
let admin: pg.Client;
let service: pg.Client;
let url: string;

const migrate = (connectionString: string) =>
  applyMigrations({ connectionString, schema: 'identity', directory: `${identity}prisma/migrations` });
const write = (act: string) =>
  service.query(
    `INSERT INTO audit_entry (at, act, actor_role, facts) VALUES (now(), $1, 'system', '{}') RETURNING id`,
    [act],
  );
const acts = async () => (await service.query('SELECT act FROM audit_entry ORDER BY id')).rows.map(({ act }) => act);

beforeAll(async () => {
  const adminUrl = await createDatabase(server, database);
  const urls = await prepareServiceDatabases({
    adminUrl,
    services: [{ name: 'identity', instances: 1 }],
    password: () => 'secret',
  });
  url = urls.get('identity') ?? '';
  await migrate(url);
  [admin, service] = [new pg.Client({ connectionString: adminUrl }), new pg.Client({ connectionString: url })];
  await Promise.all([admin.connect(), service.connect()]);
  await write('before');
  const sql = await readFile(`${identity}prisma/audit-owner.sql`, 'utf8');
  // Twice: after a restore an operator need not know whether it was done.
  await admin.query(sql);
  await admin.query(sql);
});
afterAll(async () => {
  const { rows } = await service.query<{ owner: string }>(
    `SELECT tableowner AS owner FROM pg_tables WHERE tablename = 'audit_entry'`,
  );
  await Promise.all([admin.end(), service.end()]);
  await dropDatabase(server, database, ['identity']);
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(rows[0]?.owner ?? '')}`).finally(() => client.end());
});

test('identity still writes and reads its audit log', async () => {
  await write('after');
  expect(await acts()).toEqual(['before', 'after']);
});

test.each([
  [`UPDATE audit_entry SET act = 'x'`],
  ['DELETE FROM audit_entry'],
  ['TRUNCATE audit_entry'],
  ['DROP TABLE audit_entry'],
  ['DROP SCHEMA identity CASCADE'],
  ['ALTER TABLE audit_entry DISABLE TRIGGER ALL'],
  ['DROP TRIGGER audit_entry_is_only_added_to ON audit_entry'],
  ['ALTER TABLE audit_entry RENAME TO forgotten'],
  ['ALTER TABLE audit_entry DROP COLUMN actor_id'],
  ['ALTER TABLE audit_entry OWNER TO CURRENT_USER'],
  ['ALTER SEQUENCE audit_entry_id_seq RESTART'],
  [`SELECT setval('audit_entry_id_seq', 1)`],
  [
    `CREATE OR REPLACE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
  ],
  ['DROP FUNCTION refuse_change_of_history() CASCADE'],
  ['SET session_replication_role = replica'],
])('but cannot %s', async (statement) => {
  const before = await acts();
  await expect(service.query(statement)).rejects.toMatchObject({ code: '42501' });
  expect(await acts()).toEqual(before);
});

test('the tables that are its own it may change, as its next migration will', async () => {
  await service.query(
    'ALTER TABLE throttle ADD COLUMN note TEXT; CREATE TABLE something (id TEXT); DROP TABLE something',
  );
  expect(await migrate(url)).toEqual([]);
});
