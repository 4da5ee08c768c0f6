import type { SqlTx } from '@forecourt/messaging';

/** What moved stays, and that it was theirs; what operators wrote about it goes. Again changes nothing. */
export async function forgetCustomer(
  tx: Pick<SqlTx, '$executeRaw'>,
  { customerId, erasedAt }: { customerId: string; erasedAt: Date },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE account SET erased_at = ${erasedAt}::timestamptz
    WHERE kind = 'wallet' AND owner = ${customerId} AND erased_at IS NULL`;
  await tx.$executeRaw`
    UPDATE transfer SET reason = NULL
    WHERE reason IS NOT NULL AND id IN (
      SELECT transfer_id FROM posting JOIN account ON account.id = account_id
      WHERE account.kind = 'wallet' AND owner = ${customerId})`;
  await tx.$executeRaw`
    UPDATE adjustment SET reason = '' WHERE reason <> '' AND starts_with(account_id, 'wallet:' || ${customerId} || ':')`;
}

/** Whose wallets were marked since then. */
export const listForgottenSince = (
  db: Pick<SqlTx, '$queryRaw'>,
  since: Date,
): PromiseLike<{ customerId: string; erasedAt: Date }[]> =>
  db.$queryRaw`
    SELECT owner AS "customerId", erased_at AS "erasedAt" FROM account
    WHERE kind = 'wallet' AND erased_at >= ${since}::timestamptz ORDER BY erased_at`;

interface Page {
  readonly customerId: string;
  readonly after: string;
  readonly most: number;
}

export interface KeptWallet {
  readonly currency: string;
  readonly posted: bigint;
  readonly available: bigint;
  readonly createdAt: Date;
}

export const listWallets = (db: Pick<SqlTx, '$queryRaw'>, customerId: string): PromiseLike<KeptWallet[]> =>
  db.$queryRaw<KeptWallet[]>`
    SELECT currency, posted, available, created_at AS "createdAt" FROM account
    WHERE kind = 'wallet' AND owner = ${customerId} ORDER BY currency`;

export interface KeptTransfer {
  readonly place: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly balance: bigint;
  readonly currency: string;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

export const listTransfers = (
  db: Pick<SqlTx, '$queryRaw'>,
  { customerId, after, most }: Page,
): PromiseLike<KeptTransfer[]> =>
  db.$queryRaw<KeptTransfer[]>`
    SELECT posting.id::text AS place, transfer.kind, amount, balance, transfer.currency, reference, reason, at
    FROM account JOIN posting ON account_id = account.id JOIN transfer ON transfer.id = transfer_id
    WHERE account.kind = 'wallet' AND owner = ${customerId} AND posting.id > ${after || '0'}::int8
    ORDER BY posting.id LIMIT ${most}::int`;

export interface KeptHold {
  readonly place: string;
  readonly amount: bigint;
  readonly captured: bigint;
  readonly status: string;
  readonly currency: string;
  readonly reference: string | null;
  readonly placedAt: Date;
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
}

export const listHolds = (db: Pick<SqlTx, '$queryRaw'>, { customerId, after, most }: Page): PromiseLike<KeptHold[]> =>
  db.$queryRaw<KeptHold[]>`
    SELECT hold.id AS place, amount, captured, status, currency, reference, placed_at AS "placedAt",
      expires_at AS "expiresAt", ended_at AS "endedAt"
    FROM account JOIN hold ON account_id = account.id
    WHERE account.kind = 'wallet' AND owner = ${customerId} AND hold.id > ${after}
    ORDER BY hold.id LIMIT ${most}::int`;

export interface KeptInvoice {
  readonly place: string;
  readonly amount: bigint;
  readonly paid: bigint;
  readonly currency: string;
  readonly provider: string;
  readonly status: string;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

export const listInvoices = (
  db: Pick<SqlTx, '$queryRaw'>,
  { customerId, after, most }: Page,
): PromiseLike<KeptInvoice[]> =>
  db.$queryRaw<KeptInvoice[]>`
    SELECT id::text AS place, amount, paid, currency, provider, status, created_at AS "createdAt",
      settled_at AS "settledAt"
    FROM invoice WHERE customer_id = ${customerId} AND id > ${after || nil}::uuid ORDER BY id LIMIT ${most}::int`;

/** Before every other. */
const nil = '00000000-0000-0000-0000-000000000000';
