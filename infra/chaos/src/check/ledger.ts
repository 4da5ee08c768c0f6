import type { MoneySample, Operation, OperationKind, Sample } from '../history.ts';
import { defineCheck, type Tally } from './check.ts';

export interface LedgerMaterial {
  readonly now: MoneySample;
  readonly samples: readonly Pick<Sample, 'at' | 'money'>[];
  readonly wallets: readonly { readonly owner: string; readonly balance: number; readonly available: number }[];
  readonly transfers: readonly MovedMoney[];
  readonly holds: readonly HeldMoney[];
  /** What was asked over the broker. */
  readonly asked: readonly Operation[];
}

export interface MovedMoney {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly reference: string | null;
  /** The key of what it gives back. */
  readonly refunds: string | null;
  /** What its wallet got; negative: gave. */
  readonly amount: number;
  readonly owner: string;
}

export interface HeldMoney {
  readonly key: string;
  /** null: released before anybody placed it. */
  readonly owner: string | null;
  readonly status: string;
  readonly amount: number;
  readonly captured: number;
  readonly overdueSeconds: number;
}

type Kind =
  | 'snapshots'
  | 'wallets'
  | 'charges answered'
  | 'refunds answered'
  | 'holds answered'
  | 'captures answered'
  | 'releases answered'
  | 'refusals'
  | 'movements'
  | 'refunded payments'
  | 'holds';

/** A round a second, and what a stopped process takes to come back to it. */
const overdueSeconds = 15;

export const ledger = defineCheck<LedgerMaterial, Kind>({
  name: 'ledger',
  what: 'Money moves as it was asked, once for each key; sums are zero and columns right at every moment; holds end in time.',
  kinds: [
    ...([
      'snapshots',
      'wallets',
      'charges answered',
      'refunds answered',
      'holds answered',
      'captures answered',
    ] as const),
    ...(['releases answered', 'refusals', 'movements', 'refunded payments', 'holds'] as const),
  ],
  optional: [
    'refunds answered',
    'holds answered',
    'captures answered',
    'releases answered',
    'refusals',
    'refunded payments',
    'holds',
  ],
  patienceMs: 30_000,

  async gather({ database, history }) {
    const rowsOf = async <Row extends object>(sql: string) => (await database.query<Row>(sql)).rows;
    const [now] = await rowsOf<MoneySample>(moneySample);
    return {
      now: now as MoneySample,
      samples: history.samples,
      wallets: await rowsOf(
        `SELECT owner, posted::float8 AS balance, available::float8 FROM payments.account WHERE kind = 'wallet'`,
      ),
      transfers: await rowsOf(`
        SELECT t.id, t.key, t.kind, t.reference, refunded.key AS refunds, p.amount::float8, a.owner
        FROM payments.transfer AS t
        JOIN payments.posting AS p ON p.transfer_id = t.id
        JOIN payments.account AS a ON a.id = p.account_id AND a.kind = 'wallet'
        LEFT JOIN payments.transfer AS refunded ON refunded.id = t.refunds
        WHERE t.kind <> 'replenishment'`),
      holds: await rowsOf(`
        SELECT h.key, a.owner, h.status, h.amount::float8, h.captured::float8, CASE WHEN h.status = 'placed'
          THEN extract(epoch FROM clock_timestamp() - h.expires_at)::float8 ELSE 0 END AS "overdueSeconds"
        FROM payments.hold AS h LEFT JOIN payments.account AS a ON a.id = h.account_id`),
      asked: history.operations.filter(({ kind }) => isAsked(kind)),
    };
  },

  judge(tally, material) {
    demandSnapshots(tally, material);
    for (const { owner, balance, available } of material.wallets) {
      const isSound = available >= 0 && available <= balance;
      tally.demand('wallets', isSound, () => `in the wallet of ${owner} are ${balance}, ${available} of them free`);
    }
    demandAnswers(tally, material);
    demandMovements(tally, material);
    demandHolds(tally, material);
  },
});

const isAsked = (kind: OperationKind): boolean =>
  kind === 'charge' || kind === 'refund' || kind === 'hold' || kind === 'capture' || kind === 'release';

/** One statement, so one snapshot, whatever goes on meanwhile. */
export const moneySample = `
  SELECT
    (SELECT count(*)::int FROM payments.transfer) AS transfers,
    (SELECT coalesce(sum(posted), 0)::text FROM payments.account) AS posted,
    (SELECT coalesce(sum(amount), 0)::text FROM payments.posting) AS postings,
    (SELECT count(*)::int FROM payments.account AS a
      LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM payments.posting GROUP BY 1) AS p ON p.account_id = a.id
      LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM payments.hold WHERE status = 'placed' GROUP BY 1) AS h
        ON h.account_id = a.id
      WHERE a.posted <> coalesce(p.amount, 0) OR a.held <> coalesce(h.amount, 0) OR a.available <> a.posted - a.held
    ) AS askew,
    (SELECT count(*)::int FROM payments.account
      WHERE kind = 'wallet' AND (posted < 0 OR held < 0 OR held > posted)) AS overdrawn`;

function demandSnapshots(tally: Tally<Kind>, { now, samples }: LedgerMaterial): void {
  const looks = [
    ...samples.map(({ at, money }) => ({ when: `after ${at} ms`, money })),
    { when: 'at the end', money: now },
  ];
  for (const { when, money } of looks) {
    const { posted, postings, askew, overdrawn } = money;
    tally.demand('snapshots', posted === '0', () => `${when} all accounts added up to ${posted}`);
    tally.demand('snapshots', postings === '0', () => `${when} all postings added up to ${postings}`);
    tally.demand(
      'snapshots',
      askew === 0,
      () => `${when} ${askew} accounts were not what their postings and holds say`,
    );
    tally.demand('snapshots', overdrawn === 0, () => `${when} ${overdrawn} wallets held more than was in them`);
  }
}

interface Answer {
  readonly transferId?: string;
  readonly holdId?: string;
  readonly amount?: number;
  readonly captured?: number;
}

const read = ({ reply }: Operation): Answer => JSON.parse(reply ?? '{}') as Answer;

/** What was acknowledged is there as it was asked; what was only refused is not. */
function demandAnswers(tally: Tally<Kind>, { asked, transfers, holds }: LedgerMaterial): void {
  const moved = new Map(transfers.map((transfer) => [transfer.key, transfer]));
  const held = new Map(holds.map((hold) => [hold.key, hold]));
  for (const [, attempts] of Map.groupBy(asked, ({ kind, about }) => `${kind} ${about.key}`)) {
    const [first] = attempts as [Operation];
    const { kind, about } = first;
    const { key = '', amount } = about;
    const [transfer, hold] = [moved.get(key), held.get(key)];
    const answers = attempts.filter(({ outcome }) => outcome === 'ok').map(read);
    if (answers.length === 0) {
      const isSure = attempts.every(({ outcome }) => outcome === 'fail');
      if (isSure) demandNothing(tally, first, { transfer, hold });
      continue;
    }
    if (kind === 'charge' || kind === 'refund') {
      const sign = kind === 'charge' ? -1 : 1;
      const isThere = transfer?.kind === kind && transfer.amount === sign * (amount ?? Number.NaN);
      const isOne = answers.every(({ transferId }) => transferId === transfer?.id);
      const stored = () => JSON.stringify(transfer) ?? 'nothing';
      tally.demand(
        `${kind}s answered`,
        isThere,
        () => `${kind} ${key} of ${amount} was acknowledged; stored is ${stored()}`,
      );
      tally.demand(
        `${kind}s answered`,
        isOne,
        () => `${kind} ${key} was answered with other transfers than ${transfer?.id}`,
      );
      continue;
    }
    const stored = () => JSON.stringify(hold) ?? 'nothing';
    if (kind === 'hold') {
      const isThere = hold !== undefined && answers.every((answer) => answer.amount === hold.amount);
      tally.demand(
        'holds answered',
        isThere,
        () => `hold ${key} was acknowledged as ${answers[0]?.amount}; stored is ${stored()}`,
      );
    } else if (kind === 'capture') {
      // Of two captures under one key, the one that was taken.
      const isThere = hold?.status === 'captured' && answers.every(({ captured }) => captured === hold.captured);
      tally.demand(
        'captures answered',
        isThere,
        () => `capture ${key} of ${answers[0]?.captured} was acknowledged; stored is ${stored()}`,
      );
      const taken = hold?.captured === 0 ? transfer === undefined : transfer?.amount === -(hold?.captured ?? 0);
      tally.demand(
        'captures answered',
        taken,
        () => `capture ${key} moved ${transfer?.amount ?? 'nothing'}; stored is ${stored()}`,
      );
    } else {
      const isThere = hold?.status === 'released' || hold?.status === 'expired';
      tally.demand('releases answered', isThere, () => `release ${key} was acknowledged; stored is ${stored()}`);
    }
  }
}

function demandNothing(
  tally: Tally<Kind>,
  { kind, about, code }: Operation,
  { transfer, hold }: { transfer: MovedMoney | undefined; hold: HeldMoney | undefined },
): void {
  const isThere = {
    charge: transfer !== undefined,
    refund: transfer !== undefined,
    // One that nobody placed may be remembered as released.
    hold: hold !== undefined && hold.status !== 'released',
    capture: hold?.status === 'captured',
    release: hold?.status === 'released',
  }[kind as 'charge'];
  tally.demand('refusals', !isThere, () => `${kind} ${about.key} was refused (${code}) and done all the same`);
}

type Asked = Pick<LedgerMaterial, 'asked'>;

/** What charging asked for sessions is held against its own book, by `purchases`; what orders asked for periods, by `subscriptions`. */
const isOfAnother = ({ key }: { readonly key: string }): boolean => /^(session|subscription):/.test(key);

const wishesOf = ({ asked }: Asked) => new Map(asked.map(({ kind, about }) => [`${kind} ${about.key}`, about]));

/** Whatever moved was asked for, once; and a payment is given back to who paid it, never beyond what it was. */
function demandMovements(tally: Tally<Kind>, { asked, transfers: all }: LedgerMaterial): void {
  const wishes = wishesOf({ asked });
  const transfers = all.filter((transfer) => !isOfAnother(transfer));
  for (const { key, kind, amount, owner, refunds } of transfers) {
    const wish = wishes.get(`${kind} ${key}`);
    const wasAsked = wish !== undefined && (wish.customerId ?? owner) === owner && (wish.of ?? null) === refunds;
    tally.demand('movements', wasAsked, () => `nobody asked for ${kind} ${key} of ${amount} for ${owner}`);
  }
  const payments = transfers.filter(({ kind }) => kind === 'charge' || kind === 'capture');
  for (const [reference, { length: times }] of Map.groupBy(payments, ({ reference }) => reference)) {
    tally.demand('movements', times === 1, () => `${reference} was paid for ${times} times`);
  }
  const refunds = transfers.filter(({ refunds }) => refunds !== null);
  for (const [key, given] of Map.groupBy(refunds, ({ refunds }) => refunds)) {
    const payment = payments.find((payment) => payment.key === key);
    const paid = -(payment?.amount ?? 0);
    const back = given.reduce((sum, { amount }) => sum + amount, 0);
    tally.demand('refunded payments', back <= paid, () => `of ${paid} paid under ${key}, ${back} were given back`);
    const strangers = given.filter(({ owner }) => owner !== payment?.owner).map(({ owner }) => owner);
    tally.demand(
      'refunded payments',
      strangers.length === 0,
      () => `what ${payment?.owner} paid under ${key} was given to ${strangers.join(', ')}`,
    );
  }
}

/** Whatever is held was asked for, of that customer and no more than that; and it ends in time. */
function demandHolds(tally: Tally<Kind>, { asked, holds }: LedgerMaterial): void {
  const wishes = wishesOf({ asked });
  for (const hold of holds) {
    const { key, owner, amount, overdueSeconds: overdue } = hold;
    const wish = wishes.get(`hold ${key}`);
    const wasAsked =
      owner === null ? wishes.has(`release ${key}`) : wish?.customerId === owner && amount <= (wish.amount ?? 0);
    tally.demand(
      'holds',
      wasAsked || isOfAnother(hold),
      () => `nobody asked for the hold ${key} of ${amount} for ${owner}`,
    );
    const isInTime = overdue <= overdueSeconds;
    tally.demand('holds', isInTime, () => `the hold ${key} should have ended ${Math.round(overdue)} s ago`);
  }
}
