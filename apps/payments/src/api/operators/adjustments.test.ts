import { walletChanged } from '@forecourt/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openTill, type Till } from '../../../test/till.ts';

type Headers = Record<string, string>;

let till: Till;
let other: Pick<Till, 'post'>;
const [olenaId, ivanId, mariaId] = [anId(), anId(), anId()];
let olena: Headers;
let ivan: Headers;
let maria: Headers;

beforeAll(async () => {
  till = await openTill();
  other = await till.secondProcess();
  olena = await till.asOperator(olenaId);
  ivan = await till.asOperator(ivanId);
  maria = await till.asOperator(mariaId);
});
afterAll(() => till.close());

const adjustments = '/admin/ledger/adjustments';
const walletOf = (customerId: string) => `wallet:${customerId}:UAH`;
const aProposal = (wishes: object = {}) => ({
  key: `ticket-${anId()}`,
  accountId: walletOf(anId()),
  amount: 12.5,
  reason: 'The charger had stopped',
  ...wishes,
});
const propose = async (wishes: object = {}, as = olena) => {
  const { status, body, text } = await till.post(adjustments, aProposal(wishes), as);
  expect(status, text).toBe(201);
  return body;
};
const decide = (id: string, word: 'approve' | 'reject', as = ivan, process = till as Pick<Till, 'post'>) =>
  process.post(`${adjustments}/${id}/${word}`, undefined, as);
const balanceOf = async (customerId: string) => (await till.walletOf(customerId)).balance;
const transfersOf = async (id: string) =>
  (await till.runtime.database.$queryRaw<unknown[]>`SELECT id FROM transfer WHERE key = ${`adjustment:${id}`}`).length;

describe('a proposal', () => {
  test('moves nothing', async () => {
    const customerId = anId();
    const proposal = aProposal({ accountId: walletOf(customerId) });
    const { status, body } = await till.post(adjustments, proposal, olena);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...proposal,
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      currency: 'UAH',
      status: 'proposed',
      proposedBy: olenaId,
      proposedAt: till.runtime.clock().toISOString(),
      decidedBy: null,
      decidedAt: null,
      transferId: null,
    });
    expect(await balanceOf(customerId)).toBe(0n);
    expect((await till.get(`${adjustments}/${body.id}`, ivan)).body).toEqual(body);
  });

  test('that is sent again, also at once, is the same one', async () => {
    const proposal = aProposal();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? other : till).post(adjustments, proposal, olena)),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect((await till.get(`${adjustments}?accountId=${proposal.accountId}`, olena)).body.items).toHaveLength(1);
  });

  test('under the key of another one is refused, whoever sends it', async () => {
    const proposal = aProposal();
    await till.post(adjustments, proposal, olena);
    for (const [body, as] of [
      [{ ...proposal, amount: 12.51 }, olena],
      [{ ...proposal, reason: 'Another' }, olena],
      [{ ...proposal, accountId: walletOf(anId()) }, olena],
      [proposal, ivan],
    ] as const) {
      const answer = await till.post(adjustments, body, as);
      expect([answer.status, answer.body.code]).toEqual([409, 'idempotency_key_reused']);
    }
  });

  test.each([
    ['an account of the house that is not in use', { accountId: 'clearing:nobody:UAH' }, 404],
    ['a wallet in another currency', { accountId: `wallet:${anId()}:USD` }, 404],
    ['the account of adjustments itself', { accountId: 'adjustments::UAH' }, 400],
    ['no account', { accountId: 'wallet' }, 400],
    ['nothing', { amount: 0 }, 400],
    ['less than nothing, hardly', { amount: -0 }, 400],
    ['a part of a kopeck', { amount: 0.001 }, 400],
    ['too much', { amount: 1_000_000_001 }, 400],
    ['too much the other way', { amount: -1e300 }, 400],
    ['text', { amount: '5' }, 400],
    ['no amount', { amount: null }, 400],
    ['no reason', { reason: '  ' }, 400],
    ['a reason with a NUL', { reason: 'a\u0000bcd' }, 400],
    ['no key', { key: '' }, 400],
    ['a key too long', { key: 'k'.repeat(65) }, 400],
    ['a decision', { status: 'approved' }, 400],
    ['somebody else', { proposedBy: anId() }, 400],
  ])('of %s is refused', async (_, wishes, status) => {
    expect((await till.post(adjustments, aProposal(wishes), olena)).status).toBe(status);
  });
});

describe('a decision', () => {
  test('of another operator moves the money at once, against the account of adjustments, and is told', async () => {
    const customerId = anId();
    const { id } = await propose({ accountId: walletOf(customerId) });
    till.runtime.clock.advance(60_000);
    const { status, body } = await decide(id, 'approve');
    expect(status).toBe(200);
    const decided = { status: 'approved', decidedBy: ivanId, decidedAt: till.runtime.clock().toISOString() };
    expect(body).toMatchObject({ id, ...decided, transferId: expect.stringMatching(/^[0-9a-f]{24}$/) });
    expect(await balanceOf(customerId)).toBe(1_250n);

    const transfer = (await till.get(`/admin/ledger/transfers/${body.transferId}`, ivan)).body;
    expect(transfer).toMatchObject({
      kind: 'adjustment',
      reference: id,
      operatorId: ivanId,
      reason: 'The charger had stopped',
    });
    expect(transfer.legs).toEqual(
      expect.arrayContaining([
        { accountId: walletOf(customerId), amount: 12.5 },
        { accountId: 'adjustments::UAH', amount: -12.5 },
      ]),
    );
    const events = await till.told(walletChanged.subject);
    expect(events.filter((event) => event.customerId === customerId)).toMatchObject([{ version: 1, balance: 1_250 }]);
  });

  test('may be no, which moves nothing and is final', async () => {
    const customerId = anId();
    const { id } = await propose({ accountId: walletOf(customerId) });
    expect((await decide(id, 'reject')).body).toMatchObject({
      status: 'rejected',
      decidedBy: ivanId,
      transferId: null,
    });
    for (const as of [ivan, maria]) {
      const { status, body } = await decide(id, 'approve', as);
      expect([status, body.code]).toEqual([409, 'adjustment_decided']);
    }
    expect(await balanceOf(customerId)).toBe(0n);
  });

  test.each(['approve', 'reject'] as const)('to %s is not the proposer’s, and changes nothing', async (word) => {
    const customerId = anId();
    const { id } = await propose({ accountId: walletOf(customerId) });
    const { status, body } = await decide(id, word, olena);
    expect([status, body.code]).toEqual([403, 'second_operator_needed']);
    expect((await till.get(`${adjustments}/${id}`, olena)).body.status).toBe('proposed');
    expect(await balanceOf(customerId)).toBe(0n);
  });

  test('is not the proposer’s for the database either', async () => {
    const { id } = await propose();
    await expect(
      till.runtime.database.$executeRaw`
        UPDATE adjustment SET status = 'approved', decided_by = proposed_by, decided_at = now() WHERE id = ${id}`,
    ).rejects.toThrow('adjustment_is_decided_by_another');
  });

  test('that is sent again, also at once, moves the money once', async () => {
    const customerId = anId();
    const { id } = await propose({ accountId: walletOf(customerId) });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => decide(id, 'approve', ivan, index % 2 ? other : till)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(new Set(answers.map(({ body }) => body.transferId)).size).toBe(1);
    expect(await balanceOf(customerId)).toBe(1_250n);
    expect(await transfersOf(id)).toBe(1);
  });

  test('is one, whoever of two operators and two processes is first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const customerId = anId();
      const { id } = await propose({ accountId: walletOf(customerId) });
      const answers = await Promise.all([
        decide(id, 'approve', ivan),
        decide(id, 'approve', maria, other),
        decide(id, 'reject', maria),
        decide(id, 'reject', ivan, other),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
      const { status } = (await till.get(`${adjustments}/${id}`, olena)).body;
      expect(await balanceOf(customerId)).toBe(status === 'approved' ? 1_250n : 0n);
      expect(await transfersOf(id)).toBe(status === 'approved' ? 1 : 0);
    }
  });

  test('takes no more than is in a wallet, and can be made once it is there', async () => {
    const customerId = anId();
    await till.fund(customerId, 1_000n);
    const { id } = await propose({ accountId: walletOf(customerId), amount: -12.5 });
    const refused = await decide(id, 'approve');
    expect([refused.status, refused.body.code]).toEqual([402, 'insufficient_balance']);
    expect((await till.get(`${adjustments}/${id}`, olena)).body.status).toBe('proposed');
    await till.fund(customerId, 250n);
    expect((await decide(id, 'approve')).status).toBe(200);
    expect(await balanceOf(customerId)).toBe(0n);
  });

  test('on several proposals about one wallet at once never overdraws it', async () => {
    const customerId = anId();
    await till.fund(customerId, 5_000n);
    const proposals: { id: string }[] = [];
    for (let index = 0; index < 8; index += 1) {
      proposals.push(await propose({ accountId: walletOf(customerId), amount: -12.5 }));
    }
    const answers = await Promise.all(
      proposals.map(({ id }, index) => decide(id, 'approve', ivan, index % 2 ? other : till)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 402, 402, 402, 402]);
    expect(await balanceOf(customerId)).toBe(0n);
  });

  test('on what is not there is a 404', async () => {
    const { status, body } = await decide(anId(), 'approve');
    expect([status, body.code]).toEqual([404, 'adjustment_not_found']);
  });
});

test('a correction of an account of the house is one, too', async () => {
  await till.fund(anId(), 10_000n);
  const { id } = await propose({ accountId: 'clearing:test:UAH', amount: 0.75, reason: 'The provider kept a fee' });
  const { transferId } = (await decide(id, 'approve')).body;
  expect((await till.get('/admin/ledger/accounts/clearing:test:UAH/statement?limit=1', ivan)).body.items).toMatchObject(
    [{ transferId, amount: 0.75, kind: 'adjustment' }],
  );
});

test('are listed newest first, by state and account, in pages that join up', async () => {
  const accountId = walletOf(anId());
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) {
    till.runtime.clock.advance(1_000);
    ids.unshift((await propose({ accountId })).id);
  }
  await decide(ids[2] as string, 'reject');
  const list = async (query: string) => (await till.get(`${adjustments}?accountId=${accountId}&${query}`, maria)).body;
  const idsIn = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);
  const first = await list('limit=3');
  expect(idsIn(first)).toEqual(ids.slice(0, 3));
  expect(idsIn(await list(`limit=3&after=${first.next}`))).toEqual(ids.slice(3));
  expect(idsIn(await list('status=rejected'))).toEqual([ids[2]]);
});
