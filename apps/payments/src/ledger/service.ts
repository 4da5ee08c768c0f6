import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import { type Books, openBooks } from './books.ts';
import { assertSound, type Entry, isSame, keyReused, move, walletsOf } from './ledger.ts';
import { lockWallets, readBooks, writeBooks } from './store.ts';

/** Something that changes wallets or holds: whose, under which key, and what comes of it. */
export interface Act<T> {
  /** One word for the metrics. */
  readonly name: string;
  readonly customers: readonly string[];
  readonly key: string;
  /** Decides by what the books say, and keeps it there; or throws a refusal and keeps nothing. */
  decide(books: Books): T;
}

export type Outcome<T> = PromiseSettledResult<T>;

/** Locks, reads, decides, writes: three statements, however many acts there are. */
export async function perform<T>(
  tx: SqlTx,
  acts: readonly Act<T>[],
  { currency, at }: { currency: string; at: Date },
): Promise<Outcome<T>[]> {
  const keys = acts.map(({ key }) => key);
  const customers = await lockWallets(tx, { customers: acts.flatMap((act) => act.customers), keys });
  const books = openBooks(await readBooks(tx, { customers, keys, currency }), at);
  const outcomes = acts.map((act): Outcome<T> => {
    try {
      return { status: 'fulfilled', value: act.decide(books) };
    } catch (reason) {
      return { status: 'rejected', reason };
    }
  });
  await writeBooks(tx, books.changes(), { currency, at });
  return outcomes;
}

export interface Posted {
  readonly transferId: string;
  /** It was there already: nothing changed. */
  readonly repeated: boolean;
}

/**
 * Moves money in a transaction of the caller's, who locks nothing after it: postings, balances and `walletChanged`. The
 * same key with the same legs is `repeated`; with others it is refused `transfer_key_reused`. A wallet that has too
 * little available refuses `insufficient_balance`.
 */
export async function post(tx: SqlTx, entry: Entry): Promise<Posted> {
  const [outcome] = await perform(tx, [posting(entry)], entry);
  if (outcome?.status === 'rejected') throw outcome.reason;
  return outcome?.value as Posted;
}

function posting(entry: Entry): Act<Posted> {
  assertSound(entry);
  return {
    name: entry.kind,
    customers: walletsOf(entry.legs),
    key: entry.key,
    decide: (books) => record(books, entry),
  };
}

export function record(books: Books, entry: Entry): Posted {
  const known = books.transfer(entry.key);
  if (known) {
    if (!isSame(known, entry)) throw keyReused(entry.key);
    return { transferId: known.id, repeated: true };
  }
  if (books.hold(entry.key)) throw keyReused(entry.key);
  const wallets = entry.legs.flatMap(({ account, amount }) =>
    account.kind === 'wallet' ? [move(books.wallet(account.owner), amount)] : [],
  );
  const transfer = { ...entry, id: newObjectId(entry.at) };
  books.keep({ wallets, transfer });
  return { transferId: transfer.id, repeated: false };
}
