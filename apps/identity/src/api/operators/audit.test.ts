import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, anOperator, type SignedIn } from '../../../test/builders.ts';
import { startIdentity, type TestIdentity } from '../../../test/identity.ts';
import type { Act } from '../../audit/audit.ts';
import { recordAct } from '../../audit/store.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startIdentity();
  operator = await anOperator(identity);
});
afterAll(() => identity.close());

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly act: string;
  readonly subjectId: string | null;
  readonly facts: Record<string, unknown>;
}
interface Page {
  readonly items: Entry[];
  readonly next: string | null;
}

const ask = (query: Record<string, string | number>) =>
  identity.call('GET', `/admin/audit?${new URLSearchParams(query as Record<string, string>)}`, {
    token: operator.accessToken,
  });
async function look(query: Record<string, string | number>): Promise<Page> {
  const { status, body } = await ask(query);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}
async function walk(query: Record<string, string | number>, between = async () => {}): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await look({ ...query, ...(cursor && { cursor }) });
    entries.push(...page.items);
    cursor = page.next;
    await between();
  }
  return entries;
}

const someId = () =>
  identity.deps.clock().getTime().toString(16).padStart(12, '0') + String(Math.random()).slice(2, 14);
let written = 0;
function write(entry: { subjectId?: string; actorId?: string; act?: Act; at?: Date } = {}) {
  written += 1;
  const { subjectId = null, actorId = operator.id, act = 'customer.read', at = identity.deps.clock() } = entry;
  const actor = { role: 'operator', id: actorId, address: '198.51.100.7' } as const;
  return recordAct(identity.deps.database, { act, actor, subjectId, facts: { written }, at });
}
async function writeMany(count: number, entry: Parameters<typeof write>[0]): Promise<void> {
  for (let n = 0; n < count; n += 1) await write(entry);
}

describe('the audit log', () => {
  test('says who did what to whom, when and from where, whole', async () => {
    const customer = await aCustomer(identity);
    await identity.call('POST', `/admin/customers/${customer.id}/block`, {
      token: operator.accessToken,
      address: '203.0.113.99',
    });
    const { status, body, headers } = await ask({ subject: customer.id });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toStrictEqual({
      items: [
        {
          id: expect.stringMatching(/^\d+$/),
          at: identity.deps.clock().toISOString(),
          act: 'customer.blocked',
          actor: { role: 'operator', id: operator.id },
          subjectId: customer.id,
          address: '203.0.113.99',
          facts: { sessions: 1 },
        },
      ],
      next: null,
    });
  });

  test('shows the system, who is nobody and nowhere', async () => {
    const subjectId = someId();
    const act = { act: 'role.granted', actor: { role: 'system' }, subjectId, at: identity.deps.clock() } as const;
    await recordAct(identity.deps.database, act);
    expect(await look({ subject: subjectId })).toMatchObject({
      items: [{ actor: { role: 'system', id: null }, address: null, facts: {} }],
    });
  });

  test('is newest first by the time of the act, and of one instant the last written first', async () => {
    const subjectId = someId();
    const now = identity.deps.clock();
    await write({ subjectId, at: now });
    await write({ subjectId, at: new Date(now.getTime() - 1) });
    await write({ subjectId, at: now });
    const { items } = await look({ subject: subjectId });
    expect(items.map(({ facts }) => facts.written)).toEqual([written, written - 2, written - 1]);
  });

  test('is found by who, whom, what and when, each and together', async () => {
    const [subjectId, otherId, actorId] = [someId(), someId(), someId()];
    const noon = new Date('2031-01-01T12:00:00.000Z');
    const hours = (n: number) => new Date(noon.getTime() + n * 3_600_000);
    await write({ subjectId, actorId, act: 'customer.read', at: hours(0) });
    await write({ subjectId, actorId, act: 'customer.blocked', at: hours(1) });
    await write({ subjectId: otherId, actorId, act: 'customer.blocked', at: hours(2) });
    await write({ subjectId, act: 'customer.blocked', at: hours(3) });
    const hoursOf = async (query: Record<string, string>) =>
      (await look(query)).items.map(({ at }) => (new Date(at).getTime() - noon.getTime()) / 3_600_000);

    expect(await hoursOf({ subject: subjectId })).toEqual([3, 1, 0]);
    expect(await hoursOf({ actor: actorId })).toEqual([2, 1, 0]);
    expect(await hoursOf({ actor: actorId, act: 'customer.blocked' })).toEqual([2, 1]);
    expect(await hoursOf({ act: 'customer.blocked', from: '2031-01-01T12:00:00Z' })).toEqual([3, 2, 1]);
    expect(await hoursOf({ from: '2031-01-01T13:00:00Z', to: '2031-01-01T15:00:00Z' })).toEqual([2, 1]);
    expect(await hoursOf({ from: '2031-01-01T15:00:00+02:00', to: '2031-01-01T13:00:00.001Z' })).toEqual([1]);
    expect(await hoursOf({ subject: subjectId, actor: actorId, act: 'customer.blocked' })).toEqual([1]);
    expect(await hoursOf({ from: '2031-01-02T00:00:00Z', to: '2031-01-01T00:00:00Z' })).toEqual([]);
  });
});

describe('a walk by cursors', () => {
  test.each([1, 3, 7, 20])('in pages of %i meets every entry once, and ends', async (limit) => {
    const subjectId = someId();
    await writeMany(20, { subjectId });
    const entries = await walk({ subject: subjectId, limit });
    expect(new Set(entries.map(({ id }) => id)).size).toBe(20);
    expect(entries).toHaveLength(20);
  });

  test('meets no entry twice and misses none that was there, while others write all the time', async () => {
    const [subjectId, now] = [someId(), identity.deps.clock()];
    await writeMany(30, { subjectId, at: now });
    const before = new Set((await walk({ subject: subjectId, limit: 200 })).map(({ id }) => id));
    const seen = await walk({ subject: subjectId, limit: 4 }, async () => {
      // Newer ones, one of the same instant, and one of a process whose clock is behind.
      await Promise.all([1, 0, -1].map((ms) => write({ subjectId, at: new Date(now.getTime() + ms) })));
    });
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of before) expect(ids).toContain(id);
    const times = seen.map(({ at }) => at);
    expect(times).toEqual([...times].sort().reverse());
  });
});

describe('refused', () => {
  test('is whoever is no operator', async () => {
    const customer = await aCustomer(identity);
    expect(await identity.call('GET', '/admin/audit')).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
    expect(await identity.call('GET', '/admin/audit', { token: customer.accessToken })).toMatchObject({
      status: 403,
      body: { code: 'role_required' },
    });
  });

  test.each([
    { limit: '0' },
    { limit: '201' },
    { limit: 'x' },
    { actor: 'x' },
    { subject: "' OR true --" },
    { act: 'customer.kissed' },
    { from: 'yesterday' },
    { to: '2031-13-01T00:00:00Z' },
    { cursor: 'x' },
    { cursor: '' },
    { cursor: Buffer.from('1.99999999999999999999').toString('base64url') },
    { cursor: Buffer.from("1.1'").toString('base64url') },
    { cursor: 'A'.repeat(65) },
    { page: '2' },
  ])('is %o', async (query) => {
    expect(await ask(query as unknown as Record<string, string>)).toMatchObject({
      status: 400,
      body: { code: 'validation_failed' },
    });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('is %s: nobody changes what happened', async (method) => {
    const { status, headers } = await identity.call(method, '/admin/audit', { token: operator.accessToken });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});

describe('each look', () => {
  const since = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' };
  const cursor = Buffer.from('1770000000000.5').toString('base64url');
  test.each([
    ['the newest', {}, 'audit_entry_at_id_idx'],
    ['a time', since, 'audit_entry_at_id_idx'],
    ['whom', { subject: '0'.repeat(24), cursor }, 'audit_entry_subject_id_at_id_idx'],
    ['who', { actor: '0'.repeat(24), ...since }, 'audit_entry_actor_id_at_id_idx'],
    ['what', { act: 'customer.erased', cursor }, 'audit_entry_act_at_id_idx'],
  ])('for %s is one statement, in the order of an index', async (_, query, index) => {
    const { statements } = await countStatements(identity.runtime, () => look(query));
    expect(statements).toHaveLength(1);
    const client = await identity.deps.database.pool.connect();
    try {
      await client.query('BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off');
      const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN) ${statements[0]}`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toContain(index);
      expect(plan).not.toContain('Sort');
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });
});
