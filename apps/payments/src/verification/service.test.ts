import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../test/builders.ts';
import { openTill, type Till } from '../../test/till.ts';
import { decideAdjustment, propose } from '../adjustment/service.ts';
import { placeHold } from '../hold/service.ts';
import { refundTransfer } from '../ledger/refund.ts';
import { chargeWallet } from '../wallet/service.ts';
import { verify, verifyNightly } from './service.ts';
import { isDue } from './verification.ts';

let till: Till;
const customerId = anId();
const charge = anId();
const held = anId();

beforeAll(async () => {
  till = await openTill();
  const expiresAt = new Date(till.runtime.clock().getTime() + 60_000);
  await till.fund(customerId, 1000n);
  await chargeWallet(till.deps, { key: charge, customerId, amount: 300n, revenue: 'goods', reference: 'thing' });
  await refundTransfer(till.deps, { key: anId(), of: { key: charge }, amount: 100n, reason: 'broken' });
  const account = { kind: 'wallet', owner: customerId, currency: 'UAH' } as const;
  const wish = { key: anId(), account, amount: -25n, reason: 'counted twice', by: anId() };
  const { id } = await propose(till.deps, wish);
  await decideAdjustment(till.deps, { id, status: 'approved', by: anId() });
  await placeHold(till.deps, { key: held, customerId, amount: 50n, atLeast: 50n, reference: 'session', expiresAt });
});
afterAll(() => till.close());

/** What is found when somebody has been at the tables, past all that guards them; then it never happened. */
async function foundAfter(tamper: string): Promise<string[]> {
  const { pool } = till.runtime.database;
  const client = await pool.connect();
  const tables = ['account', 'transfer', 'posting', 'hold'];
  const { rows: checks } = await client.query<{ table: string; name: string; rule: string }>(`
    SELECT conrelid::regclass::text AS table, conname AS name, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE contype = 'c' AND conrelid = ANY ('{account,hold,posting}'::regclass[])`);
  const guards = async (word: 'ENABLE' | 'DISABLE') => {
    for (const table of tables) await client.query(`ALTER TABLE ${table} ${word} TRIGGER USER`);
  };
  const copies = tables.map((table) => `CREATE TEMP TABLE kept_${table} AS TABLE ${table}`);
  try {
    for (const copy of copies) await client.query(copy);
    await guards('DISABLE');
    for (const { table, name } of checks) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT "${name}"`);
    await client.query(tamper);
    return (await verify(till.deps)).differences.map(({ what }) => what);
  } finally {
    for (const table of tables) {
      await client.query(`DELETE FROM ${table}`);
      await client.query(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
      await client.query(`DROP TABLE kept_${table}`);
    }
    for (const { table, name, rule } of checks) {
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT "${name}" ${rule}`);
    }
    await guards('ENABLE');
    client.release();
  }
}

describe('adding everything up again', () => {
  test('finds nothing where everything adds up', async () => {
    expect(await verify(till.deps)).toMatchObject({ differences: [], transfers: 4n, postings: 8n });
  });

  test.each([
    [
      'a posting that was changed',
      'UPDATE posting SET amount = amount + 1 WHERE amount > 0',
      'a transfer does not add up to zero',
    ],
    [
      'a posting that is gone',
      'DELETE FROM posting WHERE id = (SELECT max(id) FROM posting)',
      'a transfer does not add up to zero',
    ],
    ['a transfer that is gone', 'DELETE FROM transfer', 'a posting has no transfer'],
    [
      'a transfer in another currency',
      `UPDATE transfer SET currency = 'USD'`,
      'a transfer is not in the currency of its accounts',
    ],
    [
      'a balance that somebody wrote',
      `UPDATE account SET posted = posted + 1, available = available + 1 WHERE kind = 'wallet'`,
      'an account is not the sum of its postings',
    ],
    [
      'a running balance that somebody wrote',
      'UPDATE posting SET balance = balance + 1',
      'an account had something else after a posting',
    ],
    [
      'money that is held for nothing',
      `UPDATE account SET held = held + 1 WHERE kind = 'wallet'`,
      'a wallet does not hold what its holds say',
    ],
    [
      'more available than there is',
      `UPDATE account SET available = available + 1 WHERE kind = 'wallet'`,
      'what is available is not what is posted without what is held',
    ],
    ['an overdrawn wallet', `UPDATE account SET available = -1 WHERE kind = 'wallet'`, 'a wallet is overdrawn'],
    [
      'a hold that took nothing',
      `UPDATE hold SET status = 'captured', captured = 5`,
      'a captured hold and its transfer differ',
    ],
    ['a capture of no hold', `UPDATE transfer SET kind = 'capture' WHERE kind = 'charge'`, 'a capture has no hold'],
    [
      'a refund of more than was paid',
      `UPDATE posting SET amount = amount * 4 WHERE transfer_id = (SELECT id FROM transfer WHERE kind = 'refund')`,
      'more was given back than was paid',
    ],
    [
      'an adjustment that nobody approved',
      `UPDATE transfer SET kind = 'adjustment' WHERE kind = 'charge'`,
      'an adjustment and what was approved differ',
    ],
    [
      'an adjustment of more than was approved',
      `UPDATE posting SET amount = amount * 2 WHERE transfer_id = (SELECT id FROM transfer WHERE kind = 'adjustment')`,
      'an adjustment and what was approved differ',
    ],
    [
      'an approved adjustment that moved nothing',
      `UPDATE transfer SET kind = 'fee' WHERE kind = 'adjustment'`,
      'an adjustment and what was approved differ',
    ],
    ['an account that is gone', `DELETE FROM account WHERE kind = 'revenue'`, 'a posting has no account'],
  ])('finds %s', async (_, tamper, what) => {
    expect(await foundAfter(tamper)).toContain(what);
    expect((await verify(till.deps)).differences).toEqual([]);
  });
});

describe('each night', () => {
  test.each([
    [null, '2026-02-19T12:00:00Z', true],
    ['2026-02-19T02:00:00Z', '2026-02-19T12:00:00Z', false],
    ['2026-02-19T01:59:59Z', '2026-02-19T12:00:00Z', true],
    ['2026-02-18T02:30:00Z', '2026-02-19T01:59:59Z', false],
    ['2026-02-18T02:30:00Z', '2026-02-19T02:00:00Z', true],
  ])('last at %s, now %s: due is %s', (last, now, due) => {
    expect(isDue(last === null ? null : { begunAt: new Date(last) }, new Date(now))).toBe(due);
  });

  test('one of two processes does it, and says what came of it', async () => {
    const other = await till.secondProcess();
    const count = () => till.deps.prisma.verification.count();
    till.runtime.clock.advance(24 * 3_600_000);
    const before = await count();
    await Promise.all([verifyNightly(till.deps), verifyNightly(other.deps)]);
    await verifyNightly(till.deps);
    expect(await count()).toBe(before + 1);
    expect(till.runtime.logged.filter(({ msg }) => msg === 'the ledger adds up')).toHaveLength(1);
  });
});

describe('the tables refuse', () => {
  const sql = (statement: string) => till.runtime.database.pool.query(statement);
  test.each([
    'UPDATE transfer SET kind = kind',
    `UPDATE transfer SET reason = NULL, kind = 'fee'`,
    `UPDATE transfer SET reason = 'another'`,
    'DELETE FROM transfer',
    'TRUNCATE transfer',
    'UPDATE posting SET amount = 1',
    'DELETE FROM posting',
    'TRUNCATE posting',
    'DELETE FROM account',
    'DELETE FROM hold',
  ])('%s', async (statement) => {
    await expect(sql(statement)).rejects.toThrow(/append-only/);
  });

  test.each([
    ['an overdrawn wallet', `UPDATE account SET posted = -1, held = 0, available = -1 WHERE kind = 'wallet'`],
    ['a balance that does not add up', `UPDATE account SET available = available + 1 WHERE kind = 'wallet'`],
    [
      'a transfer without postings',
      `INSERT INTO transfer (id, key, kind, currency, at) VALUES ('t', 't', 'fee', 'UAH', now())`,
    ],
    [
      'postings for a transfer of before',
      `INSERT INTO posting (transfer_id, account_id, amount) SELECT transfer_id, account_id, amount FROM posting`,
    ],
    [
      'postings that do not add up',
      `WITH moved AS (INSERT INTO transfer (id, key, kind, currency, at) VALUES ('t', 't', 'fee', 'UAH', now()))
       INSERT INTO posting (transfer_id, account_id, amount) SELECT 't', id, 1 FROM account`,
    ],
    [
      'postings in another currency than their transfer',
      `WITH moved AS (INSERT INTO transfer (id, key, kind, currency, at) VALUES ('t', 't', 'fee', 'EUR', now()))
       INSERT INTO posting (transfer_id, account_id, amount)
       SELECT 't', id, side FROM (SELECT id FROM account LIMIT 1) AS one, unnest(ARRAY[1, -1]) AS side`,
    ],
    [
      'one posting more, in the transaction of its transfer',
      `DO $$ BEGIN
         WITH moved AS (INSERT INTO transfer (id, key, kind, currency, at) VALUES ('t', 't', 'fee', 'UAH', now()))
         INSERT INTO posting (transfer_id, account_id, amount)
         SELECT 't', id, side FROM (SELECT id FROM account LIMIT 1) AS one, unnest(ARRAY[1, -1]) AS side;
         INSERT INTO posting (transfer_id, account_id, amount) SELECT 't', id, 1 FROM account LIMIT 1;
       END $$`,
    ],
    [
      'postings that come later than their transfer, in its transaction',
      `DO $$ BEGIN
         INSERT INTO transfer (id, key, kind, currency, at) VALUES ('t', 't', 'fee', 'UAH', now());
         INSERT INTO posting (transfer_id, account_id, amount)
         SELECT 't', id, side FROM (SELECT id FROM account LIMIT 1) AS one, unnest(ARRAY[1, -1]) AS side;
       END $$`,
    ],
  ])('%s', async (_, statement) => {
    await expect(sql(statement)).rejects.toMatchObject({ code: '23514' });
  });

  test('anything more of a hold that has ended', async () => {
    await sql(`UPDATE hold SET status = 'released', ended_at = now() WHERE key = '${held}'`);
    await expect(sql(`UPDATE hold SET status = 'placed', ended_at = NULL WHERE key = '${held}'`)).rejects.toThrow(
      /append-only/,
    );
  });
});
