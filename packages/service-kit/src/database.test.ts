import type { SqlTx } from '@forecourt/messaging';
import { createTestDatabase, type TestDatabase } from '@forecourt/testing';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { type Database, openDatabase } from './database.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase('orders');
  database = openDatabase({ url: testDatabase.url, applicationName: 'kit-test' });
  await database.$executeRaw`CREATE TABLE account (id int PRIMARY KEY, amount int8 NOT NULL, at timestamp, seen timestamptz)`;
});

afterAll(async () => {
  await database.close();
  await testDatabase.close();
});

test('amounts keep every digit and instants are UTC, whichever column they are in', async () => {
  vi.stubEnv('TZ', 'Asia/Ulaanbaatar');
  onTestFinished(() => void vi.unstubAllEnvs());
  const at = new Date('2026-02-19T12:00:00.123Z');
  await database.$executeRaw`INSERT INTO account VALUES (1, ${9_007_199_254_740_993n}, ${at}, ${at})`;
  const rows = await database.$queryRaw`SELECT amount, at, seen FROM account WHERE id = ${1}`;
  expect(rows).toEqual([{ amount: 9_007_199_254_740_993n, at, seen: at }]);
});

test('a transaction is kept whole or not at all', async () => {
  await database.transaction(async (tx) => {
    expect(await tx.$executeRaw`INSERT INTO account VALUES (10, 1), (11, 1)`).toBe(2);
  });
  const failing = database.transaction(async (tx) => {
    await tx.$executeRaw`DELETE FROM account WHERE id IN (10, 11)`;
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  expect(await database.$queryRaw`SELECT id FROM account WHERE id IN (10, 11)`).toHaveLength(2);
});

test("a deadlock's victim is tried again, and both transactions end well", async () => {
  await database.$executeRaw`INSERT INTO account VALUES (20, 0), (21, 0)`;
  let waiting = 0;
  const both = Promise.withResolvers<void>();
  const add = (first: number, second: number) =>
    database.transaction(async (tx) => {
      await tx.$executeRaw`UPDATE account SET amount = amount + 1 WHERE id = ${first}`;
      waiting += 1;
      if (waiting === 2) both.resolve();
      await both.promise;
      await tx.$executeRaw`UPDATE account SET amount = amount + 1 WHERE id = ${second}`;
    });
  await Promise.all([add(20, 21), add(21, 20)]);
  expect(await database.$queryRaw`SELECT amount FROM account WHERE id IN (20, 21)`).toEqual([
    { amount: 2n },
    { amount: 2n },
  ]);
});

test('a statement is prepared once per connection', async () => {
  await database.transaction(async (tx) => {
    for (const id of [1, 2, 3]) await tx.$queryRaw`SELECT amount FROM account WHERE id = ${id} AND true`;
    const known = await tx.$queryRaw`SELECT 1 FROM pg_prepared_statements WHERE statement LIKE '%AND true'`;
    expect(known).toHaveLength(1);
  });
});

test('a statement that runs for too long is broken off', async () => {
  await database
    .transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL statement_timeout = '20ms'`;
      await expect(tx.$queryRaw`SELECT pg_sleep(5)`).rejects.toMatchObject({ code: '57014' });
    })
    .catch(() => undefined);
  const [limits] = await database.$queryRaw<{ statement: string; lock: string; idle: string }[]>`
    SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
           current_setting('idle_in_transaction_session_timeout') AS idle`;
  expect(limits).toEqual({ statement: '5s', lock: '3s', idle: '10s' });
});

test('every statement through the pool is heard while somebody listens', async () => {
  const heard: string[] = [];
  const stop = database.onStatement((sql) => heard.push(sql));
  await database.$queryRaw`SELECT ${1}::int`;
  await database.pool.query('SELECT 2');
  await database.transaction(async (tx) => void (await tx.$queryRaw`SELECT 3`));
  stop();
  await database.$queryRaw`SELECT 4`;
  expect(heard).toEqual(['SELECT $1::int', 'SELECT 2', 'BEGIN', 'SELECT 3', 'COMMIT']);
});

test('a connection that breaks between two statements of a transaction fails it, and nothing else', async () => {
  const other = openDatabase({ url: testDatabase.url, applicationName: 'kit-test-broken' });
  onTestFinished(() => other.close());
  const ended = Promise.withResolvers<void>();
  other.pool.once('connect', (client) => client.once('end', ended.resolve));
  const pidOf = async (tx: SqlTx) => (await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]?.pid;

  let first: number | undefined;
  const broken = other.transaction(async (tx) => {
    first = await pidOf(tx);
    await database.$queryRaw`SELECT pg_terminate_backend(${first}::int)`;
    // An error that nobody listens for would end this process here.
    await ended.promise;
    await tx.$executeRaw`SELECT 1`;
  });
  await expect(broken).rejects.toThrow();
  expect(await other.transaction(pidOf)).not.toBe(first);
});
