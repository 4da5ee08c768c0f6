import type { Operation } from '../history.ts';
import type { MadePayment } from '../provider.ts';
import type { HeardPush } from '../topics.ts';
import { defineCheck, type Tally } from './check.ts';

export interface ReplenishmentMaterial {
  /** By the provider's own book. */
  readonly made: readonly MadePayment[];
  readonly credited: readonly CreditedPayment[];
  /** References of transfers into wallets that stand for no payment. */
  readonly unfounded: readonly string[];
  readonly invoices: readonly StoredInvoice[];
  readonly settlements: readonly Settlement[];
  /** Ids of the settlements that identity has heard. */
  readonly heard: ReadonlySet<string>;
  /** By customer. */
  readonly topics: ReadonlyMap<string, string>;
  readonly pushes: readonly HeardPush[];
  /** Those that identity has still to push. */
  readonly waiting: number;
  /** How often the broker lost its disk, and with it what it had told already. */
  readonly losses: number;
  /** The broker was broken, if for a moment: who listens then may have missed something. */
  readonly isMissing: boolean;
  readonly asked: readonly Operation[];
}

export interface CreditedPayment {
  readonly paymentId: string;
  readonly ref: string | null;
  readonly amount: number;
  /** What the transfer put into the wallet of whom; null: there is none. */
  readonly posted: number | null;
  readonly owner: string | null;
  readonly customerId: string;
  readonly invoiceId: string;
}

export interface StoredInvoice {
  readonly id: string;
  readonly customerId: string;
  readonly amount: number;
  readonly paid: number;
  readonly status: string;
}

export interface Settlement {
  readonly id: string;
  readonly invoiceId: string;
  readonly customerId: string;
  readonly status: string;
  readonly amount: number;
}

type Kind = 'payments made' | 'payments credited' | 'invoices asked for' | 'invoices' | 'settlements' | 'pushes';

export const replenishments = defineCheck<ReplenishmentMaterial, Kind>({
  name: 'replenishments',
  what: 'What is paid at the provider is credited once, and nothing else is; each settlement is told and heard once.',
  kinds: ['payments made', 'payments credited', 'invoices asked for', 'invoices', 'settlements', 'pushes'],
  optional: ['pushes'],
  // Who dies with an invoice in hand keeps it for a minute.
  patienceMs: 75_000,

  async gather({ database, history, provider, pushes }) {
    const rowsOf = async <Row extends object>(sql: string) => (await database.query<Row>(sql)).rows;
    const heard = await rowsOf<{ id: string }>(
      `SELECT message_id AS id FROM identity.inbox WHERE consumer = 'identity-push-on-replenishment-settled'`,
    );
    const topics = await rowsOf<{ id: string; topic: string }>(
      'SELECT customer_id AS id, topic FROM identity.push_topic',
    );
    const brokerFaults = history.faults.filter(
      ({ kind, impossible }) => kind.startsWith('broker-') && impossible === undefined,
    );
    return {
      made: await provider.payments(),
      credited: await rowsOf(credited),
      unfounded: (await rowsOf<{ id: string }>(unfounded)).map(({ id }) => id),
      invoices: await rowsOf(
        `SELECT id::text, customer_id AS "customerId", amount::float8, paid::float8, status FROM payments.invoice`,
      ),
      settlements: await rowsOf(settlements),
      heard: new Set(heard.map(({ id }) => id)),
      topics: new Map(topics.map(({ id, topic }) => [id, topic])),
      pushes,
      waiting: (await rowsOf<{ count: number }>('SELECT count(*)::int FROM identity.push'))[0]?.count ?? 0,
      losses: brokerFaults.filter(({ kind }) => kind === 'broker-loss').length,
      isMissing: brokerFaults.length > 0,
      asked: history.operations.filter(({ kind }) => kind === 'replenish' || kind === 'check-replenishment'),
    };
  },

  judge(tally, material) {
    demandCredits(tally, material);
    demandInvoices(tally, material);
    demandSettlements(tally, material);
    demandPushes(tally, material);
  },
});

const credited = `
  SELECT p.payment_id AS "paymentId", i.provider_ref AS ref, p.amount::float8, posting.amount::float8 AS posted,
    a.owner, i.customer_id AS "customerId", i.id::text AS "invoiceId"
  FROM payments.provider_payment AS p
  JOIN payments.invoice AS i ON i.id = p.invoice_id
  LEFT JOIN (payments.posting JOIN payments.account AS a ON a.id = account_id AND a.kind = 'wallet')
    ON posting.transfer_id = p.transfer_id`;

const unfounded = `
  SELECT t.reference AS id FROM payments.transfer AS t
  WHERE t.kind = 'replenishment' AND NOT EXISTS (SELECT FROM payments.provider_payment WHERE transfer_id = t.id)`;

const settlements = `
  SELECT id::text, data->>'invoiceId' AS "invoiceId", data->>'customerId' AS "customerId", data->>'status' AS status,
    (data->>'amount')::float8 AS amount
  FROM payments.outbox WHERE subject = 'payments.replenishment.settled.v1' ORDER BY aggregate_version`;

function demandCredits(tally: Tally<Kind>, { made, credited: all, unfounded: none }: ReplenishmentMaterial): void {
  const byId = Map.groupBy(all, ({ paymentId }) => paymentId);
  for (const { id, ref, amount } of made) {
    const found = byId.get(id) ?? [];
    const isOnce = found.length === 1 && found[0]?.ref === ref && found[0].amount === amount;
    tally.demand(
      'payments made',
      isOnce,
      () => `payment ${id} of ${amount} on ${ref} was credited ${found.length} times`,
    );
  }
  const payments = new Map(made.map((payment) => [payment.id, payment]));
  for (const { paymentId, amount, posted, owner, customerId, invoiceId } of all) {
    const wasMade = payments.get(paymentId)?.amount === amount;
    tally.demand('payments credited', wasMade, () => `payment ${paymentId} of ${amount} (${invoiceId}) was never made`);
    const isRight = posted === amount && owner === customerId;
    tally.demand(
      'payments credited',
      isRight,
      () => `payment ${paymentId} of ${amount} put ${posted} into the wallet of ${owner}, not ${customerId}`,
    );
  }
  for (const invoiceId of none) {
    tally.demand('payments credited', false, () => `invoice ${invoiceId} put money into a wallet that nobody paid`);
  }
}

function demandInvoices(tally: Tally<Kind>, { asked, invoices, credited: all }: ReplenishmentMaterial): void {
  const stored = new Map(invoices.map((invoice) => [invoice.id, invoice]));
  for (const { id, kind, outcome, about, reply } of asked) {
    if (outcome !== 'ok') continue;
    const invoice = stored.get(about.invoiceId ?? '');
    const isTheirs = invoice?.customerId === about.customerId && invoice?.amount === (about.amount ?? invoice?.amount);
    tally.demand(
      'invoices asked for',
      isTheirs,
      () => `${kind} ${id} told of ${about.invoiceId}; stored is ${JSON.stringify(invoice)}`,
    );
    if (!reply?.includes('"success"')) continue;
    const isSo = invoice?.status === 'success';
    tally.demand(
      'invoices asked for',
      isSo,
      () => `${about.invoiceId} was paid, operation ${id} says; stored is ${invoice?.status}`,
    );
  }
  const sums = Map.groupBy(all, ({ invoiceId }) => invoiceId);
  for (const { id, paid, amount, status } of invoices) {
    const sum = (sums.get(id) ?? []).reduce((before, { posted }) => before + (posted ?? 0), 0);
    tally.demand('invoices', paid === sum, () => `of invoice ${id} ${paid} are paid, and ${sum} in the wallet`);
    const isWhole = (status === 'success') === paid >= amount;
    tally.demand('invoices', isWhole, () => `invoice ${id} over ${amount} is ${status} with ${paid} paid`);
  }
}

/** An end is told once, and again only when more was paid after it. */
function demandSettlements(tally: Tally<Kind>, { invoices, settlements: all, heard }: ReplenishmentMaterial): void {
  const told = Map.groupBy(all, ({ invoiceId }) => invoiceId);
  for (const { id, status, paid } of invoices) {
    const news = told.get(id) ?? [];
    const [last] = news.slice(-1);
    const amounts = news.map((one) => `${one.status} ${one.amount}`);
    const isOnce = new Set(amounts).size === amounts.length;
    tally.demand('settlements', isOnce, () => `invoice ${id} was told of twice: ${amounts.join(', ')}`);
    if (status !== 'success' && news.length === 0) continue;
    const isLast = last?.status === status && last.amount === paid;
    tally.demand(
      'settlements',
      isLast,
      () => `invoice ${id} is ${status} with ${paid} paid; told was ${amounts.join(', ')}`,
    );
  }
  for (const { id, invoiceId } of all) {
    tally.demand('settlements', heard.has(id), () => `identity never heard that invoice ${invoiceId} settled (${id})`);
  }
}

/** Each wrapped and bare, to whoever has an app; a broker that lost its memory may say again what it had said just before. */
function demandPushes(tally: Tally<Kind>, material: ReplenishmentMaterial): void {
  const { settlements: all, topics, pushes, losses, waiting, isMissing } = material;
  tally.demand('pushes', waiting === 0, () => `${waiting} settlements are not pushed yet`);
  const nameOf = (topic: string | undefined, { status, amount }: Pick<HeardPush, 'status' | 'amount'>) =>
    `${topic} ${status} ${amount}`;
  const ofApps = all.filter(({ customerId }) => topics.has(customerId));
  const settled = Map.groupBy(ofApps, (settlement) => nameOf(topics.get(settlement.customerId), settlement));
  const heard = Map.groupBy(pushes, (push) => `${push.form}: ${nameOf(push.topic, push)}`);
  for (const [name, times] of heard) {
    const most = settled.get(name.slice(name.indexOf(' ') + 1))?.length ?? 0;
    const isOnce = times.length <= most || (most > 0 && times.length <= most + losses);
    tally.demand('pushes', isOnce, () => `${name} was pushed ${times.length} times, and settled ${most} times`);
  }
  if (isMissing) return;
  for (const [name, { length: least }] of settled) {
    for (const form of ['wrapped', 'bare']) {
      const times = heard.get(`${form}: ${name}`)?.length ?? 0;
      tally.demand('pushes', times >= least, () => `${form}: ${name} was pushed ${times} times, and settled ${least}`);
    }
  }
}
