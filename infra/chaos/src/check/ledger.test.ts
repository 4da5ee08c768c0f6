import { expect, test } from 'vitest';
import type { Operation } from '../history.ts';
import { type LedgerMaterial, ledger } from './ledger.ts';
import { anOperation, soundMoney } from './made-up.ts';

type Asked = 'charge' | 'refund' | 'hold' | 'capture' | 'release';

const asking = (kind: Asked, key: string, amount: number, reply: object, wishes: Partial<Operation> = {}) =>
  anOperation({
    kind,
    about: { key, amount, ...(kind === 'refund' ? { of: 'k1' } : { customerId: 'c1' }) },
    reply: JSON.stringify(reply),
    ...wishes,
  });

const charged = { id: 't1', key: 'k1', kind: 'charge', reference: 'k1', refunds: null, amount: -500, owner: 'c1' };
const refunded = { id: 't2', key: 'k2', kind: 'refund', reference: 'k1', refunds: 'k1', amount: 200, owner: 'c1' };
const captured = { id: 't3', key: 'h1', kind: 'capture', reference: 'h1', refunds: null, amount: -70, owner: 'c1' };
const transfers = [charged, refunded, captured];
const taken = { key: 'h1', owner: 'c1', status: 'captured', amount: 100, captured: 70, overdueSeconds: 0 };
const freed = { key: 'h2', owner: 'c1', status: 'released', amount: 30, captured: 0, overdueSeconds: 0 };
const holds = [taken, freed];
const refused = { outcome: 'fail', status: 409, code: 'insufficient_balance' } as const;

const sound: LedgerMaterial = {
  now: soundMoney,
  samples: [{ at: 1, money: soundMoney }],
  wallets: [{ owner: 'c1', balance: 1000, available: 900 }],
  transfers,
  holds,
  asked: [
    asking('charge', 'k1', 500, { transferId: 't1' }),
    asking('charge', 'k1', 500, { transferId: 't1' }),
    asking('charge', 'k3', 9_000, {}, refused),
    asking('refund', 'k2', 200, { transferId: 't2' }),
    asking('hold', 'h1', 100, { amount: 100 }),
    asking('hold', 'h2', 30, { amount: 30 }),
    asking('capture', 'h1', 70, { captured: 70 }),
    asking('capture', 'h1', 80, {}, refused),
    asking('release', 'h2', 30, { released: 30 }),
  ],
};

test('the check of the ledger passes what adds up', () => {
  expect(ledger.judge(sound)).toMatchObject({ checked: 30, violations: [] });
});

test('what nobody knows the outcome of may have happened, or not', () => {
  const unknown = { outcome: 'unknown', status: null } as const;
  const asked = [...sound.asked, asking('charge', 'k4', 10, {}, unknown), asking('capture', 'h2', 10, {}, unknown)];
  expect(ledger.judge({ ...sound, asked }).violations).toEqual([]);
  const happened = { ...charged, id: 't4', key: 'k4', reference: 'k4', amount: -10 };
  expect(ledger.judge({ ...sound, asked, transfers: [...transfers, happened] }).violations).toEqual([]);
});

test('a hold under a key that was released before is refused, and that is all', () => {
  const asked = [...sound.asked, asking('release', 'h4', 30, { released: 0 }), asking('hold', 'h4', 30, {}, refused)];
  const remembered = { ...freed, key: 'h4', owner: null, amount: 0 };
  expect(ledger.judge({ ...sound, asked, holds: [...holds, remembered] }).violations).toEqual([]);
});

test('the check of the ledger proves nothing without money', () => {
  const nothing: LedgerMaterial = { now: soundMoney, samples: [], wallets: [], transfers: [], holds: [], asked: [] };
  expect(ledger.judge(nothing).violations).toEqual(['saw no wallets', 'saw no charges answered', 'saw no movements']);
});

const momentarily = (wrong: Partial<typeof soundMoney>) => ({
  samples: [{ at: 5, money: { ...soundMoney, ...wrong } }],
});
const without = (key: string) => ({ transfers: transfers.filter((transfer) => transfer.key !== key) });
const asked = (...operations: Operation[]) => ({ asked: [...sound.asked, ...operations] });

test.each<[string, Partial<LedgerMaterial>, RegExp]>([
  ['money from nowhere', { now: { ...soundMoney, postings: '5' } }, /at the end all postings added up to 5/],
  ['money from nowhere for a moment', momentarily({ posted: '-5' }), /after 5 ms all accounts added up to -5/],
  ['a column that is not what its postings say', momentarily({ askew: 1 }), /1 accounts were not what/],
  ['a wallet with more held than is in it', momentarily({ overdrawn: 2 }), /2 wallets held more/],
  ['less than nothing', { wallets: [{ owner: 'c1', balance: -1, available: -1 }] }, /wallet of c1 are -1/],
  ['a charge that is lost', without('k1'), /charge k1 of 500 was acknowledged; stored is nothing/],
  ['a charge of another amount', { transfers: [{ ...charged, amount: -5 }, refunded, captured] }, /charge k1 of 500/],
  ['a charge that is another each time', asked(asking('charge', 'k1', 500, { transferId: 't9' })), /other transfers/],
  ['a charge that was refused and done', asked(asking('charge', 'h1', 70, {}, refused)), /charge h1 was refused/],
  ['a refund that is lost', without('k2'), /refund k2 of 200/],
  ['a hold that is lost', { holds: [taken] }, /hold h2 was acknowledged as 30; stored is nothing/],
  ['a capture that is lost', { holds: [{ ...taken, status: 'expired' }, freed] }, /capture h1 of 70 .*expired/],
  ['a capture that moved nothing', without('h1'), /capture h1 moved nothing/],
  ['a capture of something released', asked(asking('capture', 'h2', 5, { captured: 5 })), /capture h2 of 5 .*released/],
  [
    'a release of something captured',
    asked(asking('release', 'h1', 5, { released: 5 })),
    /release h1 was ack.*captured/,
  ],
  [
    'a release that was refused and done',
    { ...asked(asking('release', 'h9', 5, {}, refused)), holds: [...holds, { ...freed, key: 'h9' }] },
    /release h9 was refused/,
  ],
  ['a charge that nobody asked for', { asked: sound.asked.slice(2) }, /nobody asked for charge k1 of -500 for c1/],
  [
    'one intention that was paid twice',
    { transfers: [...transfers, { ...charged, id: 't9', key: 'k9' }] },
    /k1 was paid for 2 times/,
  ],
  [
    'more given back than was paid',
    { transfers: [charged, { ...refunded, amount: 501 }, captured] },
    /of 500 paid under k1, 501/,
  ],
  [
    'what was given back to a stranger',
    { transfers: [charged, { ...refunded, owner: 'c2' }, captured] },
    /what c1 paid under k1 was given to c2/,
  ],
  [
    'another payment given back than was asked',
    { transfers: [charged, { ...refunded, refunds: 'h1' }, captured] },
    /nobody asked for refund k2 of 200/,
  ],
  ['a hold that nobody asked for', { holds: [taken, freed, { ...freed, key: 'h9' }] }, /nobody asked for the hold h9/],
  ['a hold of more than was asked', { holds: [{ ...taken, amount: 101 }, freed] }, /the hold h1 of 101 for c1/],
  ['a hold of a stranger’s money', { holds: [taken, { ...freed, owner: 'c2' }] }, /the hold h2 of 30 for c2/],
  [
    'a word for a hold that nobody released',
    { holds: [taken, freed, { ...freed, key: 'h9', owner: null, amount: 0 }] },
    /nobody asked for the hold h9/,
  ],
  [
    'a hold that outlives its deadline',
    { holds: [taken, freed, { ...freed, key: 'h3', status: 'placed', overdueSeconds: 60 }] },
    /the hold h3 should have ended 60 s ago/,
  ],
])('the check of the ledger sees %s', (_, wrong, sentence) => {
  expect(ledger.judge({ ...sound, ...wrong }).violations).toContainEqual(expect.stringMatching(sentence));
});
