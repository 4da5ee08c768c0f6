import { isDeepStrictEqual } from 'node:util';
import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import { appendChanges } from '../change-log/store.ts';
import type { Deps } from '../deps.ts';
import { type CallRate, type Standing, standingOf } from './call-rate.ts';
import { readRate } from './row.ts';
import { findList, insertList, loadLists, loadRates, loadRatesAt, type RateList, type RatesAt } from './store.ts';

/** What the change log calls the one thing that lists of rates are about. */
export const callRatesThing = 'call-rates';

const maxDestinations = 2_000;

export interface RateLine {
  /** The first row of data is 1. */
  readonly row: number;
  readonly name: string;
  readonly result: 'added' | 'changed' | 'unchanged' | 'refused';
  readonly errors?: readonly string[];
}

export interface RatesReport {
  readonly dryRun: boolean;
  /** Whether the list is, or will be, in force: what the lines say. Never when one is refused. */
  readonly applied: boolean;
  readonly effectiveFrom: Date;
  /** Of the list that holds from then on; null: none was made. */
  readonly number: number | null;
  readonly lines: readonly RateLine[];
  /** Destinations that the list before has and this one has not. */
  readonly removed: readonly string[];
}

/** A whole list in place of the one that would hold then; one that says the same makes none. */
export async function importRates(
  deps: Pick<Deps, 'database' | 'transact' | 'currency' | 'clock'>,
  rows: readonly unknown[],
  { effectiveFrom, dryRun, actor }: { effectiveFrom: Date | undefined; dryRun: boolean; actor: string },
): Promise<RatesReport> {
  if (rows.length === 0) throw new AppError('import_malformed', 'A list without destinations replaces nothing.');
  if (rows.length > maxDestinations)
    throw new AppError('import_malformed', `A list has at most ${maxDestinations} destinations.`);
  const now = deps.clock();
  if (effectiveFrom && effectiveFrom < now)
    throw new AppError('validation_failed', 'What calls have cost cannot be changed.', {
      violations: [{ path: ['effectiveFrom'], rule: 'min', expected: now.toISOString() }],
    });
  const from = effectiveFrom ?? now;
  const read = readRows(rows, deps.currency);

  const compare = async (sql: SqlTx) => {
    const before = await loadRatesAt(sql, from);
    return { before, ...compared(read, before.rates) };
  };
  const isRefused = read.some(({ rate }) => rate === undefined);
  if (dryRun || isRefused) {
    const { lines, removed } = await compare(deps.database);
    return { dryRun, applied: false, effectiveFrom: from, number: null, lines, removed };
  }
  return deps.transact(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.call_rates'), 0)`;
    const { before, lines, removed } = await compare(tx);
    const report = { dryRun, applied: true, effectiveFrom: from, lines, removed };
    const saysNothing = removed.length === 0 && lines.every(({ result }) => result === 'unchanged');
    if (before.list && saysNothing) return { ...report, number: before.list.number };

    const rates = read.flatMap(({ rate }) => rate ?? []);
    const number = await insertList(tx, { effectiveFrom: from, importedAt: now, importedBy: actor }, rates);
    const data = { number, effectiveFrom: from, destinations: rates.length };
    const change = { kind: 'call_rates', id: callRatesThing, version: number, change: 'created', data } as const;
    await appendChanges(tx, [change], { actor, now });
    return { ...report, number };
  });
}

interface ReadRow {
  readonly name: string;
  readonly rate?: CallRate;
  readonly errors?: readonly string[];
}

function readRows(rows: readonly unknown[], currency: string): ReadRow[] {
  const rowOf = new Map<string, number>();
  return rows.map((raw, index) => {
    const read = readRate(raw, currency);
    if ('errors' in read) {
      const { name_en: said } = Object(raw) as { name_en?: unknown };
      return { name: typeof said === 'string' ? said : '', errors: read.errors };
    }
    const { rate } = read;
    const earlier = rowOf.get(rate.name.en.toLowerCase());
    if (earlier !== undefined) return { name: rate.name.en, errors: [`name_en: row ${earlier} has it too`] };
    rowOf.set(rate.name.en.toLowerCase(), index + 1);
    return { name: rate.name.en, rate };
  });
}

function compared(read: readonly ReadRow[], before: readonly CallRate[]) {
  const known = new Map(before.map((rate) => [rate.name.en, rate]));
  const lines = read.map(({ name, rate, errors }, index): RateLine => {
    const row = index + 1;
    if (!rate) return { row, name, result: 'refused', ...(errors && { errors }) };
    const old = known.get(name);
    return { row, name, result: !old ? 'added' : isDeepStrictEqual(old, rate) ? 'unchanged' : 'changed' };
  });
  const names = new Set(read.map(({ name }) => name));
  return { lines, removed: [...known.keys()].filter((name) => !names.has(name)) };
}

/** What calls cost now, and when something else will hold. */
export const ratesNow = ({ database, clock }: Pick<Deps, 'database' | 'clock'>): Promise<RatesAt> =>
  loadRatesAt(database, clock());

export type StandingList = RateList & { readonly standing: Standing };

export async function listRateLists(
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  page: { before: number | undefined; limit: number },
): Promise<StandingList[]> {
  const [lists, { list: current }] = await Promise.all([loadLists(database, page), loadRatesAt(database, clock())]);
  return lists.map((list) => ({ ...list, standing: standingOf(list, current) }));
}

export async function getRateList(
  { database, clock }: Pick<Deps, 'database' | 'clock'>,
  number: number,
): Promise<StandingList & { readonly rates: readonly CallRate[] }> {
  const list = await findList(database, number);
  if (!list) throw new AppError('call_rates_not_found', `There is no list ${number} of call rates.`);
  const [rates, { list: current }] = await Promise.all([loadRates(database, number), loadRatesAt(database, clock())]);
  return { ...list, rates, standing: standingOf(list, current) };
}
