import { walletChanged } from '@forecourt/contracts';
import { outboxRow, type SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Changes, Read } from './books.ts';
import { type AccountKind, availableIn, type Leg, nameOf, type Transfer, type TransferKind } from './ledger.ts';

/** What to lock: keys, wallets by name, and those that the keys of holds lead to. */
export interface Locks {
  readonly customers: readonly string[];
  readonly keys: readonly string[];
}

/**
 * Takes the locks of messaging's `lockAggregate`, wallets before keys and each in one order; gives the customers whose
 * wallets are locked. A statement of its own, since what is read must be read after the wait. To whom a hold belongs
 * never changes.
 */
export async function lockWallets(tx: SqlTx, { customers, keys }: Locks): Promise<string[]> {
  const rows = await tx.$queryRaw<{ kind: string; id: string }[]>`
    SELECT kind, id, pg_advisory_xact_lock(hashtext(current_schema() || '.' || kind), place) FROM (
      SELECT turn, kind, id, hashtext(id) AS place FROM (
        SELECT 1 AS turn, 'wallet' AS kind, unnest(${customers}::text[]) AS id
        UNION
        SELECT 1, 'wallet', account.owner FROM hold JOIN account ON account.id = hold.account_id
        WHERE hold.key = ANY (${keys}::text[])
        UNION
        SELECT 2, 'transfer', unnest(${keys}::text[])) AS wanted
      ORDER BY turn, place) AS sorted`;
  return rows.flatMap(({ kind, id }) => (kind === 'wallet' ? [id] : []));
}

interface ReadRow {
  wallets: { accountId: string; customerId: string; posted: string; held: string; version: number }[];
  holds: (Record<'id' | 'key' | 'amount' | 'captured' | 'placedAt', string> &
    Record<'customerId' | 'reference' | 'transferId' | 'expiresAt' | 'endedAt', string | null> & {
      status: Read['holds'][number]['status'];
    })[];
  transfers: TransferRow[];
}

interface TransferRow {
  id: string;
  key: string;
  kind: TransferKind;
  currency: string;
  at: string;
  reference: string | null;
  refunds: string | null;
  operatorId: string | null;
  reason: string | null;
  legs: { kind: AccountKind; owner: string; amount: string }[];
}

/** Amounts travel as text: a number of JSON would round them. */
export async function readBooks(
  tx: SqlTx,
  { customers, keys, currency }: { customers: readonly string[]; keys: readonly string[]; currency: string },
): Promise<Read> {
  const [row] = await tx.$queryRaw<[ReadRow]>`
    SELECT
      (SELECT coalesce(json_agg(json_build_object('accountId', id, 'customerId', owner, 'posted', posted::text,
          'held', held::text, 'version', version)), '[]')
        FROM account WHERE kind = 'wallet' AND owner = ANY (${customers}::text[]) AND currency = ${currency}::text
          AND stripe = 0) AS wallets,
      (SELECT coalesce(json_agg(json_build_object('id', hold.id, 'key', key, 'customerId', owner,
          'amount', amount::text, 'captured', captured::text, 'status', status, 'reference', reference,
          'transferId', transfer_id, 'placedAt', placed_at, 'expiresAt', expires_at, 'endedAt', ended_at)), '[]')
        FROM hold LEFT JOIN account ON account.id = hold.account_id
        WHERE key = ANY (${keys}::text[])) AS holds,
      (SELECT coalesce(json_agg(json_build_object('id', id, 'key', key, 'kind', kind, 'currency', currency, 'at', at,
          'reference', reference, 'refunds', refunds, 'operatorId', operator_id, 'reason', reason, 'legs', (
            SELECT json_agg(json_build_object('kind', account.kind, 'owner', owner, 'amount', amount::text))
            FROM posting JOIN account ON account.id = account_id WHERE transfer_id = transfer.id))), '[]')
        FROM transfer WHERE key = ANY (${keys}::text[])) AS transfers`;
  return {
    currency,
    locked: new Set(customers),
    wallets: row.wallets.map(({ posted, held, ...wallet }) => ({
      ...wallet,
      currency,
      posted: BigInt(posted),
      held: BigInt(held),
    })),
    holds: row.holds.map(({ amount, captured, placedAt, expiresAt, endedAt, ...hold }) => ({
      ...hold,
      amount: BigInt(amount),
      captured: BigInt(captured),
      placedAt: new Date(placedAt),
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      endedAt: endedAt === null ? null : new Date(endedAt),
    })),
    transfers: row.transfers.map(toTransfer),
  };
}

const toTransfer = ({ legs, at, ...transfer }: TransferRow): Transfer => ({
  ...transfer,
  at: new Date(at),
  legs: legs.map(({ kind, owner, amount }): Leg => ({ account: { kind, owner }, amount: BigInt(amount) })),
});

/** By its key, or else by its id. */
export async function findTransfer(
  tx: Pick<SqlTx, '$queryRaw'>,
  wish: { key: string } | { id: string },
): Promise<Transfer | null> {
  const [row] = await tx.$queryRaw<TransferRow[]>`
    SELECT id, key, kind, currency, at, reference, refunds, operator_id AS "operatorId", reason, (
      SELECT json_agg(json_build_object('kind', account.kind, 'owner', owner, 'amount', amount::text))
      FROM posting JOIN account ON account.id = account_id WHERE transfer_id = transfer.id) AS legs
    FROM transfer
    WHERE key = ${'key' in wish ? wish.key : null}::text OR id = ${'id' in wish ? wish.id : null}::text`;
  return row ? toTransfer(row) : null;
}

/** What was given back of a transfer so far. */
export async function refundedOf(tx: Pick<SqlTx, '$queryRaw'>, transferId: string): Promise<bigint> {
  const [row] = await tx.$queryRaw<[{ refunded: bigint }]>`
    SELECT coalesce(sum(amount), 0)::int8 AS refunded
    FROM transfer JOIN posting ON transfer_id = transfer.id WHERE refunds = ${transferId} AND amount > 0`;
  return row.refunded;
}

const stripes = 32;

/**
 * Writes all that some acts did, in one statement. A wallet is written as it was decided, on the condition that nobody
 * changed it since it was read; an account of the house is added to. Each connection has a row of such an account to
 * itself, as far as there are rows, so that transfers of strangers do not wait for one another.
 */
export async function writeBooks(
  tx: SqlTx,
  { wallets, holds, transfers, lines }: Changes,
  { currency, at }: { currency: string; at: Date },
): Promise<void> {
  if (wallets.length + holds.length + transfers.length === 0) return;
  const told = wallets.map(({ customerId, version, posted, held }) =>
    outboxRow(walletChanged, {
      customerId,
      version,
      currency,
      balance: posted,
      available: availableIn({ posted, held }),
      changedAt: at,
    }),
  );
  const [written] = await tx.$queryRaw<[{ wallets: number; postings: number; holds: number }]>`
    WITH wallets AS (
      INSERT INTO account AS known (id, kind, owner, currency, stripe, posted, held, available, version, created_at)
      SELECT id, 'wallet', owner, ${currency}::text, 0, posted, held, posted - held, version, ${at}::timestamptz
      FROM jsonb_to_recordset(${asJson(wallets.map((wallet) => ({ ...wallet, id: wallet.accountId ?? newObjectId(at), owner: wallet.customerId })))}::jsonb)
        AS wallet (id text, owner text, posted bigint, held bigint, version int)
      ON CONFLICT (kind, owner, currency, stripe) DO UPDATE
      SET posted = excluded.posted, held = excluded.held, available = excluded.available, version = excluded.version
      WHERE known.version = excluded.version - 1
      RETURNING id, kind, owner, posted
    ),
    house AS (
      INSERT INTO account AS known (id, kind, owner, currency, stripe, posted, available, created_at)
      SELECT id, kind, owner, ${currency}::text, pg_backend_pid() % ${stripes}::int, amount, amount, ${at}::timestamptz
      FROM jsonb_to_recordset(${asJson(houseSums(lines, at))}::jsonb) AS house (id text, kind text, owner text, amount bigint)
      ORDER BY kind, owner
      ON CONFLICT (kind, owner, currency, stripe) DO UPDATE
      SET posted = known.posted + excluded.posted, available = known.available + excluded.posted
      RETURNING id, kind, owner, posted
    ),
    accounts AS (SELECT * FROM wallets UNION ALL SELECT * FROM house),
    moved AS (
      INSERT INTO transfer (id, key, kind, currency, reference, refunds, operator_id, reason, at)
      SELECT id, key, kind, currency, reference, refunds, "operatorId", reason, at
      FROM jsonb_to_recordset(${asJson(transfers)}::jsonb) AS transfer (id text, key text, kind text, currency text,
        reference text, refunds text, "operatorId" text, reason text, at timestamptz)
    ),
    posted AS (
      INSERT INTO posting (transfer_id, account_id, amount, balance)
      SELECT "transferId", accounts.id, amount, coalesce(balance, posted - rest)
      FROM jsonb_to_recordset(${asJson(withRest(lines))}::jsonb)
        AS line (place int, "transferId" text, kind text, owner text, amount bigint, balance bigint, rest bigint)
      JOIN accounts USING (kind, owner)
      ORDER BY place
      RETURNING id
    ),
    kept AS (
      INSERT INTO hold AS known (id, key, account_id, amount, captured, status, reference, transfer_id, placed_at,
        expires_at, ended_at)
      SELECT hold.id, key, wallets.id, amount, captured, status, reference, "transferId", "placedAt", "expiresAt", "endedAt"
      FROM jsonb_to_recordset(${asJson(holds)}::jsonb) AS hold (id text, key text, "customerId" text, amount bigint,
        captured bigint, status text, reference text, "transferId" text, "placedAt" timestamptz,
        "expiresAt" timestamptz, "endedAt" timestamptz)
      LEFT JOIN wallets ON wallets.owner = "customerId"
      ON CONFLICT (id) DO UPDATE
      SET captured = excluded.captured, status = excluded.status, transfer_id = excluded.transfer_id,
        ended_at = excluded.ended_at
      WHERE known.status = 'placed'
      RETURNING id
    ),
    told AS (
      INSERT INTO outbox (id, subject, aggregate_id, aggregate_version, traceparent, data)
      SELECT id, subject, aggregate_id, aggregate_version, traceparent, data::jsonb
      FROM jsonb_to_recordset(${asJson(told)}::jsonb)
        AS row (id uuid, subject text, aggregate_id text, aggregate_version int, traceparent text, data text)
    )
    SELECT (SELECT count(*)::int FROM wallets) AS wallets, (SELECT count(*)::int FROM posted) AS postings,
      (SELECT count(*)::int FROM kept) AS holds`;
  if (written.wallets !== wallets.length || written.postings !== lines.length || written.holds !== holds.length) {
    throw new Error('somebody changed a wallet or a hold without its lock');
  }
}

/** With what comes to the same account after each: so that a row of the house, too, keeps what it had after each. */
function withRest(lines: Changes['lines']) {
  const rests = new Map<string, bigint>();
  return lines
    .map((line, place) => ({ ...line, place }))
    .reverse()
    .map((line) => {
      const name = nameOf({ kind: line.kind as AccountKind, owner: line.owner });
      const rest = rests.get(name) ?? 0n;
      rests.set(name, rest + line.amount);
      return { ...line, rest };
    });
}

/** What each account of the house gains by all of them together. */
function houseSums(lines: Changes['lines'], at: Date) {
  const sums = new Map<string, { id: string; kind: string; owner: string; amount: bigint }>();
  for (const { kind, owner, amount } of lines) {
    if (kind === 'wallet') continue;
    const name = nameOf({ kind: kind as AccountKind, owner });
    const known = sums.get(name) ?? { id: newObjectId(at), kind, owner, amount: 0n };
    sums.set(name, { ...known, amount: known.amount + amount });
  }
  return [...sums.values()];
}

const asJson = (rows: readonly object[]) =>
  JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value));
