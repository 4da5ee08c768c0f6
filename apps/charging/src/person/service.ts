import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import type { Deps } from '../deps.ts';
import { lockDevices } from '../device/store.ts';
import { lockSessions } from '../session/store.ts';
import {
  devicesInUseBy,
  findRunningDevice,
  forgetCustomer,
  listCardsOf,
  listRefundsOf,
  listReservationsOf,
  listSessionsOf,
} from './store.ts';

/** In the order in which everybody locks: devices, then the sessions on them. */
export async function forget(tx: SqlTx, customer: { customerId: string; erasedAt: Date }): Promise<void> {
  const running = await devicesInUseBy(tx, customer.customerId);
  await lockDevices(
    tx,
    running.map(({ deviceId }) => deviceId),
  );
  await lockSessions(
    tx,
    running.map(({ id }) => id),
  );
  await forgetCustomer(tx, customer);
}

export async function readRunning({ database }: Pick<Deps, 'database'>, customerId: string) {
  const device = await findRunningDevice(database, customerId);
  if (!device) return { device: null };
  const { longitude, latitude, ...rest } = device;
  return { device: { ...rest, location: [longitude, latitude] as [number, number] } };
}

/** Far below a megabyte. */
const most = 500;

const sections = ['session', 'refund', 'card', 'reservation'] as const;
type Section = (typeof sections)[number];

export interface ExportPage {
  readonly records: Record<string, unknown>[];
  readonly next: string | null;
}

/** What they charged and what was given back of it, their cards, what was kept for them; each oldest first. */
export async function exportPage(
  { database, currency }: Pick<Deps, 'database' | 'currency'>,
  { customerId, after }: { customerId: string; after: string | null },
): Promise<ExportPage> {
  const { section, place } = after === null ? { section: 'session' as const, place: '' } : readCursor(after);
  const page = { customerId, after: place, most };
  const kept: readonly { place: string }[] = await {
    session: () => listSessionsOf(database, page),
    refund: () => listRefundsOf(database, page),
    card: () => listCardsOf(database, page),
    reservation: () => listReservationsOf(database, page),
  }[section]();
  return {
    records: kept.map(({ place: _place, ...record }) => ({ what: section, ...shown(record, currency) })),
    next: kept.length === most ? `${section} ${kept.at(-1)?.place}` : nextAfter(section),
  };
}

const nextAfter = (section: Section): string | null => {
  const next = sections[sections.indexOf(section) + 1];
  return next === undefined ? null : `${next} `;
};

const cursorForm = /^(session|card|reservation) ([0-9a-f]{24}|)$|^(refund) ([0-9a-f]{24}\/[\w.:-]{8,64}\/\d{1,9}|)$/;

function readCursor(cursor: string): { section: Section; place: string } {
  const found = cursorForm.exec(cursor);
  const section = found?.[1] ?? found?.[3];
  if (section === undefined) throw new AppError('validation_failed', 'No page ended there.');
  return { section: section as Section, place: found?.[2] ?? found?.[4] ?? '' };
}

/** Money in the units that people count in, instants as text. */
function shown(record: object, usual: string): Record<string, unknown> {
  const currency = 'currency' in record && typeof record.currency === 'string' ? record.currency : usual;
  return Object.fromEntries(
    Object.entries(record).map(([name, fact]) => {
      if (typeof fact === 'bigint') return [name, toMajorUnits(fact, currency)];
      return [name, fact instanceof Date ? fact.toISOString() : fact];
    }),
  );
}
