import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { Books } from '../ledger/books.ts';
import { type Entry, keyReused, nameOf } from '../ledger/ledger.ts';
import type { Act } from '../ledger/service.ts';
import { type Money, moneyIn } from '../wallet/wallet.ts';
import {
  assertAnswers,
  capture,
  giveBack,
  type Hold,
  type HoldWish,
  holdEnded,
  isOverdue,
  neverPlaced,
  place,
} from './hold.ts';
import { listOverdue } from './store.ts';

type Teller = Pick<Deps, 'ledger'>;

export interface Placed extends Money {
  readonly holdId: string;
  readonly amount: bigint;
  readonly status: Hold['status'];
}

export const placeHold = ({ ledger }: Teller, wish: HoldWish): Promise<Placed> => ledger.act(placing(wish));

const placing = (wish: HoldWish): Act<Placed> => ({
  name: 'place',
  customers: [wish.customerId],
  key: wish.key,
  decide: (books) => {
    const known = books.hold(wish.key);
    if (known) assertAnswers(known, wish);
    else if (books.transfer(wish.key)) throw keyReused(wish.key);
    const { id, amount, status } = known ?? placeNow(books, wish);
    return { holdId: id, amount, status, ...moneyIn(books.wallet(wish.customerId)) };
  },
});

function placeNow(books: Books, wish: HoldWish): Hold {
  const { wallet, hold } = place(books.wallet(wish.customerId), wish, { id: newObjectId(books.at), at: books.at });
  books.keep({ wallets: [wallet], hold });
  return hold;
}

export interface CaptureWish {
  readonly key: string;
  readonly amount: bigint;
  readonly revenue: string;
}

export interface Captured extends Money {
  readonly holdId: string;
  readonly captured: bigint;
  readonly released: bigint;
}

export const captureHold = ({ ledger }: Teller, wish: CaptureWish): Promise<Captured> => ledger.act(capturing(wish));

const capturing = (wish: CaptureWish): Act<Captured> => ({
  name: 'capture',
  customers: [],
  key: wish.key,
  decide: (books) => {
    const known = books.hold(wish.key);
    if (!known) throw new AppError('hold_not_found', `Nothing is held under the key ${wish.key}.`);
    if (known.customerId === null) throw holdEnded(known);
    const { id, amount, captured } = isThatCapture(books, known, wish) ? known : captureNow(books, known, wish);
    return { holdId: id, captured, released: amount - captured, ...moneyIn(books.wallet(known.customerId)) };
  },
});

/** Whether it is a repetition: the same amount, for the same kind of revenue. */
function isThatCapture(books: Books, { key, status, captured }: Hold, { amount, revenue }: CaptureWish): boolean {
  if (status !== 'captured' || captured !== amount) return false;
  const earned = nameOf({ kind: 'revenue', owner: revenue });
  return amount === 0n || books.transfer(key)?.legs.some(({ account }) => nameOf(account) === earned) === true;
}

function captureNow(books: Books, known: Hold, { key, amount, revenue }: CaptureWish): Hold {
  const { at, currency } = books;
  const customerId = known.customerId as string;
  const transferId = amount > 0n ? newObjectId(at) : null;
  const { wallet, hold } = capture(books.wallet(customerId), known, { amount, transferId, at });
  // A charge took the key, on its way past the hold: only a caller who uses one key twice gets here.
  if (books.transfer(key)) throw keyReused(key);
  const legs: Entry['legs'] = [
    { account: { kind: 'wallet', owner: customerId }, amount: -amount },
    { account: { kind: 'revenue', owner: revenue }, amount },
  ];
  books.keep({
    wallets: [wallet],
    hold,
    ...(transferId !== null && {
      transfer: { id: transferId, key, kind: 'capture', legs, currency, at, reference: known.reference },
    }),
  });
  return hold;
}

export const releaseHold = ({ ledger }: Teller, key: string): Promise<{ released: bigint }> =>
  ledger.act(releasing(key));

const releasing = (key: string): Act<{ released: bigint }> => ({
  name: 'release',
  customers: [],
  key,
  decide: (books) => {
    const known = books.hold(key);
    if (!known) {
      books.keep({ hold: neverPlaced(key, { id: newObjectId(books.at), at: books.at }) });
      return { released: 0n };
    }
    if (known.status === 'captured') throw holdEnded(known);
    if (known.status === 'placed') endNow(books, known, 'released');
    return { released: known.amount };
  },
});

/** Gives back what nobody captured in time; somebody may have just now, or another instance was first. */
export const expiring = (key: string): Act<boolean> => ({
  name: 'expire',
  customers: [],
  key,
  decide: (books) => {
    const known = books.hold(key);
    if (!known || !isOverdue(known, books.at)) return false;
    endNow(books, known, 'expired');
    return true;
  },
});

function endNow(books: Books, known: Hold, status: 'released' | 'expired'): void {
  const { wallet, hold } = giveBack(books.wallet(known.customerId as string), known, status, books.at);
  books.keep({ wallets: [wallet], hold });
}

const mostAtOnce = 256;

/** True when there may be more. */
export async function expireHolds({ ledger, database, clock }: Pick<Deps, 'ledger' | 'database' | 'clock'>) {
  const keys = await listOverdue(database, clock(), mostAtOnce);
  await Promise.all(keys.map((key) => ledger.act(expiring(key))));
  return keys.length === mostAtOnce;
}
