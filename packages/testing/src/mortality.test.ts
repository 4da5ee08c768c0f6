import type { SqlTx } from '@forecourt/messaging';
import { type Database, openDatabase } from '@forecourt/service-kit';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from './database.ts';
import { deathsAmong, mortality } from './mortality.ts';

const asked = { ask: async (word: string) => `${word}!`, other: async () => 'other' };

test('a process comes to its points in order, dies at one of them, and does nothing from then on', async () => {
  const sound = mortality();
  expect(await sound.calls(asked, 'ask').ask('hello')).toBe('hello!');
  expect([sound.points, sound.isDead()]).toEqual([['before ask', 'after ask'], false]);

  const dying = mortality(2);
  const { ask, other } = dying.calls(asked, 'ask');
  await expect(ask('hello')).rejects.toThrow('after ask');
  expect(dying.isDead()).toBe(true);
  await expect(ask('again')).rejects.toThrow('before ask');
  expect(() => dying.pass('a point')).toThrow('a point');
  expect(dying.points).toEqual(['before ask', 'after ask']);
  expect(await other()).toBe('other');
});

test('after one thing and before the next is the same death', () => {
  expect(deathsAmong(['before a', 'after a', 'before COMMIT', 'before b', 'after b', 'after COMMIT'])).toEqual([
    1, 3, 4, 5, 6,
  ]);
});

test('of a transaction that it had open nothing stays, and what it wrote past it does', async () => {
  const { url, close } = await createTestDatabase('orders');
  const database = openDatabase({ url, applicationName: 'test' });
  onTestFinished(async () => {
    await database.close();
    await close();
  });
  const note = (word: string, db: SqlTx) => db.$executeRaw`
    INSERT INTO noted (word) VALUES (${word})`;
  await database.$executeRaw`CREATE TABLE noted (word text)`;
  const work = (mortal: Database) =>
    mortal.transaction(async (tx) => {
      await note('within', tx);
      await note('past', mortal);
    });
  const left = async () => {
    const rows = await database.$queryRaw<{ word: string }[]>`DELETE FROM noted RETURNING word`;
    return rows.map(({ word }) => word);
  };

  const sound = mortality();
  await work(sound.database(database));
  expect(sound.points.map((name) => name.split(' ')[0])).toEqual([
    'before',
    'before',
    'after',
    'before',
    'after',
    'after',
  ]);
  expect(await left()).toEqual(['within', 'past']);

  for (const [dieAt, stays] of [
    [2, []],
    [3, []],
    [5, ['past']],
    [6, ['within', 'past']],
  ] as const) {
    await expect(work(mortality(dieAt).database(database))).rejects.toThrow();
    expect(await left()).toEqual(stays);
  }

  const whole = mortality();
  await whole.database(database, { transactions: 'whole' }).transaction(async (tx) => note('within', tx));
  expect(whole.points).toEqual(['before COMMIT', 'after COMMIT']);
});
