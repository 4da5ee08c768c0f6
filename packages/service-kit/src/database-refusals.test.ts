import { createTestDatabase, type TestDatabase } from '@forecourt/testing';
import { PrismaPg } from '@prisma/adapter-pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { databaseLack, databaseRefusal } from './database-refusals.ts';

let testDatabase: TestDatabase;
let database: Database;
let adapter: Awaited<ReturnType<PrismaPg['connect']>>;

beforeAll(async () => {
  testDatabase = await createTestDatabase('orders');
  database = openDatabase({ url: testDatabase.url, applicationName: 'kit-test' });
  adapter = await new PrismaPg(database.pool).connect();
  await database.pool.query('CREATE TABLE thing (id int PRIMARY KEY)');
  await database.pool.query('INSERT INTO thing VALUES (1)');
});

afterAll(async () => {
  await database.close();
  await testDatabase.close();
});

const failureOf = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('this was meant to fail');
};

/** As Prisma's client throws it: the adapter's own error, wrapped. */
async function prismaFailureOf(sql: string): Promise<unknown> {
  const driverAdapterError = await failureOf(() => adapter.queryRaw({ sql, args: [], argTypes: [] }));
  return Object.assign(new Error('Raw query failed.'), { code: 'P2010', meta: { driverAdapterError } });
}

test.each([
  ['22P02', "SELECT 'abc'::int", 'validation_failed'],
  ['22003', 'SELECT 99999999999::int', 'validation_failed'],
  ['22008', "SELECT '2026-13-45'::timestamptz", 'validation_failed'],
  ['22P05', `SELECT '"\\u0000"'::jsonb ->> 0`, 'validation_failed'],
  ['2201W', 'SELECT 1 LIMIT -1', 'validation_failed'],
  ['23505', 'INSERT INTO thing VALUES (1)', 'version_conflict'],
  ['40001', "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$", 'overloaded'],
  ['40P01', "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$", 'overloaded'],
  ['55P03', "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '55P03'; END $$", 'overloaded'],
  ['57P01', "DO $$ BEGIN RAISE EXCEPTION SQLSTATE '57P01'; END $$", 'service_unavailable'],
])('SQLSTATE %s is what it means, from pg and from Prisma', async (_, sql, code) => {
  expect(databaseRefusal(await failureOf(() => database.pool.query(sql)))).toMatchObject({ code });
  expect(databaseRefusal(await prismaFailureOf(sql))).toMatchObject({ code });
});

test('a NUL that slipped through is the caller’s mistake', async () => {
  const failure = await failureOf(async () => database.$queryRaw`SELECT ${'a\u0000b'}::text`);
  expect(databaseRefusal(failure)).toMatchObject({ code: 'validation_failed' });
});

test('a statement that took too long can be tried again', async () => {
  const failure = await failureOf(() =>
    database.transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL statement_timeout = '10ms'`;
      await tx.$queryRaw`SELECT pg_sleep(5)`;
    }),
  );
  expect(databaseRefusal(failure)).toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
});

test('a database that is away is unavailable, from pg and from Prisma', async () => {
  const away = openDatabase({ url: 'postgres://a:b@127.0.0.1:1/c', applicationName: 'kit-test' });
  expect(databaseRefusal(await failureOf(async () => away.$queryRaw`SELECT 1`))).toMatchObject({
    code: 'service_unavailable',
  });
  const wrapped = { code: 'P2010', meta: { driverAdapterError: { cause: { kind: 'DatabaseNotReachable' } } } };
  expect(databaseRefusal(wrapped)).toMatchObject({ code: 'service_unavailable' });
  await away.close();
});

test('a connection that is ended under a query is unavailable', async () => {
  const failure = await failureOf(async () => database.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`);
  expect(databaseRefusal(failure)).toMatchObject({ code: 'service_unavailable' });
});

test('our own bugs stay bugs', async () => {
  for (const sql of ['SELECT * FROM nowhere', 'SELEC 1', 'SELECT 1/0']) {
    expect(databaseRefusal(await failureOf(() => database.pool.query(sql)))).toBeNull();
  }
  expect(databaseRefusal(new TypeError('x is not a function'))).toBeNull();
});

test('what a start lacks of the database is said in a line, without what was asked of it', async () => {
  const call = "\nInvalid `db.customer.create()` invocation:\n{ passwordHash: 'canary' }\n\n";
  const fromPrisma = Object.assign(new Error(`${call}Can't reach database server`), {
    name: 'PrismaClientKnownRequestError',
    code: 'P1001',
  });
  expect(databaseLack(fromPrisma)).toBe("is not to be had: Can't reach database server");
  const refused = new AggregateError([
    Object.assign(new Error('connect ECONNREFUSED ::1:1'), { code: 'ECONNREFUSED' }),
  ]);
  expect(databaseLack(refused)).toBe('is not to be had: connect ECONNREFUSED ::1:1');
  expect(databaseLack(await failureOf(() => database.pool.query('SELECT FROM nowhere')))).toBe(
    'says: relation "nowhere" does not exist',
  );
  expect(databaseLack(new TypeError('x is not a function'))).toBeUndefined();
});
