import { countStatements, until } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openTill, type Till } from '../../../test/till.ts';
import { placeHold } from '../../hold/service.ts';
import { chargeWallet } from '../../wallet/service.ts';

let till: Till;
let staff: Record<string, string>;

beforeAll(async () => {
  till = await openTill();
  staff = await till.asOperator();
});
afterAll(() => till.close());

const read = async (path: string) => {
  const { status, body, text } = await till.get(`/admin/ledger/accounts${path}`, staff);
  expect(status, text).toBe(200);
  return body;
};
const walletOf = (customerId: string) => `wallet:${customerId}:UAH`;
const charge = (customerId: string, amount: bigint, reference = 'session-7') =>
  chargeWallet(till.deps, { key: `charge-${anId()}`, customerId, amount, revenue: 'charging', reference });

interface Line {
  transferId: string;
  amount: number;
  balance: number;
}

/** All pages of a statement; `between` is done while somebody turns the page. */
async function walk(accountId: string, limit: number, between: () => Promise<unknown> = async () => {}) {
  const lines: Line[] = [];
  for (let after = ''; ; ) {
    const { items, next } = await read(`/${accountId}/statement?limit=${limit}${after}`);
    lines.push(...items);
    if (next === null) return lines;
    after = `&after=${next}`;
    await between();
  }
}

/** That each balance is the one before it and what the line moved. */
function expectToJoinUp(lines: readonly Line[]): void {
  const cents = (amount: number) => Math.round(amount * 100);
  for (const [index, { balance, amount }] of lines.entries()) {
    const before = lines[index + 1]?.balance ?? 0;
    expect(cents(balance), `line ${index}`).toBe(cents(before) + cents(amount));
  }
}

describe('accounts', () => {
  test('are listed with what is on them, a wallet also by its customer', async () => {
    const customerId = anId();
    await till.fund(customerId, 10_000n);
    await charge(customerId, 1_250n);
    const expiresAt = new Date(till.runtime.clock().getTime() + 60_000);
    await placeHold(till.deps, { key: anId(), customerId, amount: 500n, atLeast: 500n, reference: 'x', expiresAt });

    const wallet = {
      id: walletOf(customerId),
      kind: 'wallet',
      owner: customerId,
      currency: 'UAH',
      balance: 87.5,
      held: 5,
      available: 82.5,
      openedAt: expect.any(String),
    };
    expect(await read(`?customerId=${customerId}`)).toEqual({ items: [wallet], next: null });
    expect(await read(`/${walletOf(customerId)}`)).toEqual(wallet);
    expect(await read(`?customerId=${customerId}&kind=revenue`)).toEqual({ items: [], next: null });
    expect((await read('?kind=revenue')).items).toMatchObject([{ id: 'revenue:charging:UAH' }]);
  });

  test('come in pages that join up, each account once however many rows it is kept in', async () => {
    // Connections post to rows of their own.
    await Promise.all(Array.from({ length: 12 }, () => till.fund(anId(), 100n)));
    const [{ rows }] = await till.runtime.database.$queryRaw<[{ rows: number }]>`
      SELECT count(*)::int AS rows FROM account WHERE kind = 'clearing'`;
    expect(rows).toBeGreaterThan(1);

    const all = (await read('?limit=100')).items;
    const seen: { id: string }[] = [];
    for (let after = ''; ; ) {
      const { items, next } = await read(`?limit=2${after}`);
      seen.push(...items);
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(seen).toEqual(all);
    expect(new Set(all.map(({ id }: { id: string }) => id)).size).toBe(all.length);
    const total = all.reduce((sum: number, { balance }: { balance: number }) => sum + Math.round(balance * 100), 0);
    expect(total).toBe(0);
  });
});

describe('a statement', () => {
  test('has every line with what was on the account after it, newest first', async () => {
    const customerId = anId();
    await till.fund(customerId, 10_000n);
    till.runtime.clock.advance(1_000);
    const { transferId } = await charge(customerId, 1_250n);
    expect(await read(`/${walletOf(customerId)}/statement`)).toEqual({
      items: [
        {
          transferId,
          kind: 'charge',
          amount: -12.5,
          balance: 87.5,
          reference: 'session-7',
          refunds: null,
          operatorId: null,
          reason: null,
          at: till.runtime.clock().toISOString(),
        },
        expect.objectContaining({ kind: 'replenishment', amount: 100, balance: 100 }),
      ],
      next: null,
    });
  });

  test('of an account that is there and was never posted to is empty', async () => {
    await till.runtime.database.$executeRaw`
      INSERT INTO account (id, kind, owner, currency, created_at) VALUES (${anId()}, 'fees', '', 'UAH', now())`;
    expect(await read('/fees::UAH/statement')).toEqual({ items: [], next: null });
  });

  test('of a wallet joins up page by page while money moves', async () => {
    const customerId = anId();
    for (let index = 0; index < 7; index += 1) await till.fund(customerId, 1_000n);
    const before = await walk(walletOf(customerId), 100);
    const seen = await walk(walletOf(customerId), 3, () => charge(customerId, 1n));
    expect(seen).toEqual(before);
    expectToJoinUp(seen);
  });

  test('of an account of the house joins up page by page while many connections post to it', async () => {
    const customerId = anId();
    await till.fund(customerId, 1_000_000n);
    const other = await till.secondProcess();
    let posting = true;
    const writers = [till.deps, other.deps, till.deps, other.deps].map(async (deps, index) => {
      while (posting) {
        const key = `writer-${index}-${anId()}`;
        await chargeWallet(deps, { key, customerId, amount: 1n, revenue: 'charging', reference: 'x' });
      }
    });
    for (let round = 0; round < 12; round += 1) expectToJoinUp(await walk('revenue:charging:UAH', 20));
    posting = false;
    await Promise.all(writers);
    expectToJoinUp(await walk('revenue:charging:UAH', 100));
  });

  test('of an account of the house joins up where many were posted to it by one statement', async () => {
    const customerId = anId();
    await till.fund(customerId, 10_000n);
    const { statements } = await countStatements(till.runtime, () =>
      Promise.all(Array.from({ length: 40 }, (_, index) => charge(customerId, BigInt(index + 1)))),
    );
    expect(statements.length).toBeLessThan(40);
    expectToJoinUp(await walk('revenue:charging:UAH', 7));
  });

  test('does not begin in the middle of what is being posted', async () => {
    const accountId = 'revenue:subscriptions:UAH';
    const customerId = anId();
    await till.fund(customerId, 1_000n);
    const pay = () =>
      chargeWallet(till.deps, { key: anId(), customerId, amount: 1n, revenue: 'subscriptions', reference: 'x' });
    await pay();

    const writer = await till.runtime.database.pool.connect();
    await writer.query('BEGIN');
    await writer.query(`UPDATE account SET posted = posted WHERE kind = 'revenue' AND owner = 'subscriptions'`);
    const reading = read(`/${accountId}/statement`);
    await until(async () => {
      const { rows } = await till.runtime.database.pool.query(`
        SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%'`);
      return rows.length === 1;
    });
    await writer.query('COMMIT');
    writer.release();
    expect((await reading).items).toHaveLength(1);
  });

  test('goes on after a transfer that moved something there, and after no other', async () => {
    const [mine, others] = [anId(), anId()];
    await till.fund(mine, 100n);
    await till.fund(others, 100n);
    const [{ transferId }] = (await walk(walletOf(others), 10)) as [Line];
    const { status, body } = await till.get(
      `/admin/ledger/accounts/${walletOf(mine)}/statement?after=${transferId}`,
      staff,
    );
    expect([status, body.violations]).toEqual([400, [{ pointer: '/after', rule: 'not_acceptable' }]]);
  });

  test('is one statement for a wallet, two for a later page, and four where writers have to be waited for', async () => {
    const customerId = anId();
    for (let index = 0; index < 3; index += 1) await till.fund(customerId, 100n);
    const count = async (path: string) => (await countStatements(till.runtime, () => read(path))).statements.length;
    expect(await count(`/${walletOf(customerId)}/statement`)).toBe(1);
    const { next } = await read(`/${walletOf(customerId)}/statement?limit=2`);
    expect(await count(`/${walletOf(customerId)}/statement?limit=2&after=${next}`)).toBe(2);
    expect(await count('/clearing:test:UAH/statement')).toBe(4);
  });

  test('reads of an account with many lines little more than it shows', async () => {
    const { database } = till.runtime;
    const customerId = anId();
    await till.fund(customerId, 100n);
    await database.$executeRaw`
      WITH one AS (SELECT id FROM account WHERE owner = ${customerId}),
           moved AS (INSERT INTO transfer (id, key, kind, currency, at)
             VALUES (${anId()}, ${anId()}, 'charge', 'UAH', now()) RETURNING id)
      INSERT INTO posting (transfer_id, account_id, amount, balance)
      SELECT moved.id, one.id, side, 10000 FROM moved, one, unnest(ARRAY[1, -1]) side, generate_series(1, 5000)`;
    await database.$executeRaw`ANALYZE posting`;

    const { statements } = await countStatements(till.runtime, () =>
      read(`/${walletOf(customerId)}/statement?limit=20`),
    );
    const values = [null, 20, 'wallet', customerId, 'UAH', 20];
    const { rows } = await database.pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${statements[0]}`, values);
    const touched = [...JSON.stringify(rows).matchAll(/"Actual Rows":([\d.]+)/g)].map(([, count]) => Number(count));
    expect(touched.length).toBeGreaterThan(3);
    // Of ten thousand; the few transfers of this file are read one by one.
    expect(Math.max(...touched)).toBeLessThan(500);
  });
});

describe('as CSV', () => {
  const download = (accountId: string, headers: Record<string, string> = {}, query = '') =>
    till.get(`/admin/ledger/accounts/${accountId}/statement${query}`, { ...staff, ...headers });

  test.each([
    ['format=csv', {}, '?format=csv'],
    ['Accept', { accept: 'text/csv' }, ''],
    ['Accept among others', { accept: 'text/csv, application/json;q=0.5' }, ''],
  ] as const)('a statement is a file with all lines, asked for by %s', async (_, headers, query) => {
    const customerId = anId();
    await till.fund(customerId, 10_000n);
    await charge(customerId, 1_250n, 'a, "b"');
    const { status, headers: answered, text } = await download(walletOf(customerId), headers, query);
    expect(status).toBe(200);
    expect(answered).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="statement-wallet-${customerId}-UAH.csv"`,
      vary: 'Accept, Accept-Language',
    });
    const [head, ...rows] = text.split('\r\n');
    expect(head).toBe('at,transfer,kind,amount,balance,reference,refunds,operator,reason');
    expect(rows.map((row) => row.split(',').slice(2, 5).join(','))).toEqual([
      'charge,-12.5,87.5',
      'replenishment,100,100',
      '',
    ]);
    expect(rows[0]).toContain(',"a, ""b""",');
  });

  test('is not what somebody gets who asks for JSON', async () => {
    const customerId = anId();
    await till.fund(customerId, 10_000n);
    for (const [accept, query] of [
      ['application/json', ''],
      ['text/csv', '?format=json'],
      ['text/csvs', ''],
    ] as const) {
      const { headers } = await download(walletOf(customerId), { accept }, query);
      expect(headers['content-type']).toContain('application/json');
    }
  });

  test('has the lines of many pages once each', async () => {
    const customerId = anId();
    await till.fund(customerId, 1_000_000n);
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => charge(customerId, BigInt(index + 1))));
    const { text } = await download(walletOf(customerId), {}, '?format=csv');
    const rows = text.trimEnd().split('\r\n').slice(1);
    expect(rows).toHaveLength(1_101);
    expect(new Set(rows.map((row) => row.split(',')[1])).size).toBe(1_101);
  });

  test('of which only the head is wanted is not read', async () => {
    const customerId = anId();
    await till.fund(customerId, 10_000n);
    const url = `/admin/ledger/accounts/${walletOf(customerId)}/statement?format=csv`;
    const { result, statements } = await countStatements(till.runtime, () =>
      till.app.inject({ method: 'HEAD', url, headers: staff }),
    );
    expect([result.statusCode, result.headers['content-type'], result.body]).toEqual([
      200,
      'text/csv; charset=utf-8',
      '',
    ]);
    expect(statements).toHaveLength(1);
  });
});
