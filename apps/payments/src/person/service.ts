import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { lockAggregate } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { forgetCustomer, listForgottenSince, listHolds, listInvoices, listTransfers, listWallets } from './store.ts';

/** Far below a megabyte. */
const most = 500;

export interface ExportPage {
  readonly records: Record<string, unknown>[];
  readonly next: string | null;
}

interface Kept {
  readonly place: string;
  readonly currency: string;
}

const sections = ['transfer', 'hold', 'invoice'] as const;
type Section = (typeof sections)[number];

/** Their wallet, then what moved in it, what was held of it and what they were asked to pay, each oldest first. */
export async function exportPage(
  { database }: Pick<Deps, 'database'>,
  { customerId, after }: { customerId: string; after: string | null },
): Promise<ExportPage> {
  const { section, place } = after === null ? { section: 'transfer' as const, place: '' } : readCursor(after);
  const page = { customerId, after: place, most };
  const kept: readonly Kept[] = await {
    transfer: () => listTransfers(database, page),
    hold: () => listHolds(database, page),
    invoice: () => listInvoices(database, page),
  }[section]();
  const records = kept.map(({ place: _place, ...record }) => ({ what: section, ...shown({ ...record }) }));
  const next = kept.length === most ? `${section} ${kept.at(-1)?.place}` : nextAfter(section);
  if (after !== null) return { records, next };
  const wallets = await listWallets(database, customerId);
  return {
    records: [
      ...wallets.map(({ posted, ...wallet }) => ({ what: 'wallet', ...shown({ ...wallet, balance: posted }) })),
      ...records,
    ],
    next,
  };
}

const nextAfter = (section: Section): string | null => {
  const next = sections[sections.indexOf(section) + 1];
  return next === undefined ? null : `${next} `;
};

const cursorForm =
  /^(?:(transfer) (\d{1,18}|)|(hold) ([0-9a-f]{24}|)|(invoice) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|))$/;

function readCursor(cursor: string): { section: Section; place: string } {
  const [section, place] =
    cursorForm
      .exec(cursor)
      ?.slice(1)
      .filter((part) => part !== undefined) ?? [];
  if (section === undefined) throw new AppError('validation_failed', 'No page ended there.');
  return { section: section as Section, place: place ?? '' };
}

/** Money in the units that people count in, instants as text. */
const shown = ({ currency, ...facts }: Record<string, unknown> & { currency: string }): Record<string, unknown> => {
  const told = (fact: unknown) => {
    if (typeof fact === 'bigint') return toMajorUnits(fact, currency);
    return fact instanceof Date ? fact.toISOString() : fact;
  };
  return { currency, ...Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, told(fact)])) };
};

const daysLookedBack = 2;

/** An operator may write about a customer in the very moment in which they are erased: they are forgotten once more. */
export async function forgetAgain({ database, clock }: Pick<Deps, 'database' | 'clock'>): Promise<void> {
  const since = new Date(clock().getTime() - daysLookedBack * 24 * 3_600_000);
  for (const customer of await listForgottenSince(database, since)) {
    await database.transaction(async (tx) => {
      await lockAggregate(tx, 'wallet', customer.customerId);
      await forgetCustomer(tx, customer);
    });
  }
}
