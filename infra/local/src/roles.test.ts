import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, dropDatabase, prepareServiceDatabases } from './roles.ts';

const server = process.env.TEST_POSTGRES_URL ?? '';
const database = `forecourt_roles_${randomBytes(4).toString('hex')}`;
const names = ['orders', 'catalog'];
let urls: Map<string, string>;

const prepare = async () =>
  prepareServiceDatabases({
    adminUrl: await createDatabase(server, database),
    services: names.map((name) => ({ name, instances: 1 })),
    password: (service) => `secret-of-${service}`,
  });

async function ask(service: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: urls.get(service) ?? '' });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  urls = await prepare();
  await ask('catalog', 'CREATE TABLE product (id TEXT)');
});
afterAll(() => dropDatabase(server, database, names));

const insufficientPrivilege = { code: '42501' };

test('a service has its own schema, which it need not name, and trigrams', async () => {
  await ask('orders', 'CREATE TABLE sale (id TEXT); CREATE INDEX ON sale USING gin (id gin_trgm_ops)');
  expect(await ask('orders', "SELECT schemaname FROM pg_tables WHERE tablename = 'sale'")).toEqual([
    { schemaname: 'orders' },
  ]);
});

test('a service may make temporary tables: operators hold its outbox against its stream in one', async () => {
  await expect(ask('orders', 'CREATE TEMPORARY TABLE streamed (id TEXT)')).resolves.toEqual([]);
});

test.each([
  ['read the tables of another', 'SELECT * FROM catalog.product'],
  ['make tables in the schema of another', 'CREATE TABLE catalog.mine (id TEXT)'],
  ['make tables in public', 'CREATE TABLE public.mine (id TEXT)'],
  ['make a schema', 'CREATE SCHEMA mine'],
  ['make a database', 'CREATE DATABASE forecourt_mine'],
  ['make a role', 'CREATE ROLE forecourt_mine'],
  ['become another', `SET ROLE ${database}_catalog`],
  ['read the passwords', 'SELECT rolpassword FROM pg_authid'],
])('a service cannot %s', async (_name, sql) => {
  await expect(ask('orders', sql)).rejects.toMatchObject(insufficientPrivilege);
});

test('who is no service of this system does not even get in', async () => {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const stranger = `forecourt_stranger_${randomBytes(4).toString('hex')}`;
  try {
    await client.query(`CREATE ROLE ${stranger} LOGIN PASSWORD 'x'`);
    const url = new URL(server);
    Object.assign(url, { username: stranger, password: 'x', pathname: `/${database}` });
    await expect(new pg.Client({ connectionString: url.toString() }).connect()).rejects.toMatchObject(
      insufficientPrivilege,
    );
  } finally {
    await client.query(`DROP ROLE IF EXISTS ${stranger}`);
    await client.end();
  }
});

test('preparing again keeps what is there', async () => {
  expect(await prepare()).toEqual(urls);
  expect(await ask('catalog', 'SELECT * FROM product')).toEqual([]);
});
