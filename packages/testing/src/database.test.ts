import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';

const opened: TestDatabase[] = [];
afterAll(() => Promise.all(opened.map((database) => database.close())));

async function open() {
  const database = await createTestDatabase('identity');
  opened.push(database);
  return database;
}

async function ask<Row extends object>(database: TestDatabase, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('every caller has the migrated tables to itself', async () => {
  const [one, other] = await Promise.all([open(), open()]);
  await ask(one, `INSERT INTO inbox (consumer, message_id) VALUES ('c', 'm')`);
  expect(await ask(one, 'SELECT consumer FROM inbox')).toEqual([{ consumer: 'c' }]);
  expect(await ask(other, 'SELECT consumer FROM inbox')).toEqual([]);
});

test('it speaks as the service: its schema first, then public, and no superuser', async () => {
  const database = await open();
  const [who] = await ask<{ path: string; super: string }>(
    database,
    `SELECT current_setting('search_path') AS path, current_setting('is_superuser') AS super`,
  );
  expect(who).toEqual({ path: 'identity, public', super: 'off' });
  const [trigram] = await ask<{ likeness: number }>(database, `SELECT similarity('forecourt', 'forecort') AS likeness`);
  expect(trigram?.likeness).toBeGreaterThan(0.5);
});

test('a closed database is gone', async () => {
  const database = await createTestDatabase('identity');
  await database.close();
  await expect(ask(database, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
});
