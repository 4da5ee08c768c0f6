import { AppError } from '@forecourt/errors';
import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import type { DeviceFields } from '../device/device.ts';
import { addDeviceIn, changeDeviceIn, type KeepingDeps } from '../device/keeping.ts';
import { type Device, lockDevices, readDevices } from '../device/store.ts';
import { insertStation, saveName } from '../registry/store.ts';
import { hashOf } from '../station/password.ts';
import { tellStory } from '../station/story.ts';
import { type ImportedRow, missingFrom, type RawRow, readRow, type WholeRow } from './row.ts';
import { findOccupied, findStations } from './store.ts';

export interface ReportLine {
  /** The first row of data is 1. */
  readonly row: number;
  readonly number: string;
  readonly result: 'created' | 'changed' | 'unchanged' | 'refused';
  readonly deviceId?: string;
  readonly errors?: readonly string[];
}

export interface Report {
  readonly dryRun: boolean;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Stations that were not there before. */
  readonly stations: number;
  readonly rows: readonly ReportLine[];
}

export interface ImportOptions {
  /** Report what would happen, and change nothing. */
  readonly dryRun: boolean;
  readonly operatorId: string;
}

type ImportDeps = KeepingDeps & Pick<Deps, 'stationSettings' | 'wrote'>;

interface NumberedRow {
  readonly row: number;
  readonly said: ImportedRow;
}

const batchSize = 100;

/**
 * Devices and their stations, matched by what is written on the device. Each batch is a transaction: what is reported is
 * done, and sending the same file again changes nothing more.
 */
export async function importDevices(deps: ImportDeps, raw: readonly RawRow[], options: ImportOptions): Promise<Report> {
  const { lines, rows } = readable(raw, deps.currency);
  let stations = 0;
  for (let from = 0; from < rows.length; from += batchSize) {
    const batch = rows.slice(from, from + batchSize);
    const done = await inTransaction(deps, options, (tx) => importBatch(tx, deps, batch, options));
    lines.push(...done.lines);
    stations += done.stations;
  }
  if (!options.dryRun) deps.wrote();
  lines.sort((one, other) => one.row - other.row);
  const count = (result: ReportLine['result']) => lines.filter((line) => line.result === result).length;
  return {
    dryRun: options.dryRun,
    created: count('created'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    refused: count('refused'),
    stations,
    rows: lines,
  };
}

/** What can be said of rows without looking at what is there. */
function readable(raw: readonly RawRow[], currency: string): { lines: ReportLine[]; rows: NumberedRow[] } {
  const lines: ReportLine[] = [];
  const rows: NumberedRow[] = [];
  const earlier = new Map<string, number>();
  for (const [at, cells] of raw.entries()) {
    const row = at + 1;
    const said = readRow(cells, currency);
    const before = earlier.get(said.number);
    if ('errors' in said) lines.push({ row, number: said.number, result: 'refused', errors: said.errors });
    else if (before !== undefined) {
      lines.push({ row, number: said.number, result: 'refused', errors: [`number: row ${before} has it too`] });
    } else {
      earlier.set(said.number, row);
      rows.push({ row, said });
    }
  }
  return { lines, rows };
}

class DryRun<T> {
  readonly outcome: T;
  constructor(outcome: T) {
    this.outcome = outcome;
  }
}

/** A dry run does all of it, and takes it back. */
async function inTransaction<T>(
  { database }: ImportDeps,
  { dryRun }: ImportOptions,
  work: (tx: SqlTx) => Promise<T>,
): Promise<T> {
  if (!dryRun) return database.transaction(work);
  try {
    return await database.transaction(async (tx) => {
      throw new DryRun(await work(tx));
    });
  } catch (error) {
    if (error instanceof DryRun) return error.outcome as T;
    throw error;
  }
}

/** What is there, as the rows of a batch change it. */
interface Ground {
  readonly stationOf: Map<string, string>;
  readonly deviceOf: Map<string, Device>;
  /** Which device is at a connector of a station. */
  readonly occupied: Map<string, string>;
}

async function importBatch(tx: SqlTx, deps: ImportDeps, batch: readonly NumberedRow[], options: ImportOptions) {
  const numbers = batch.map(({ said }) => said.number);
  const identities = [...new Set(batch.flatMap(({ said }) => said.station ?? []))];
  const known = await findStations(tx, identities);
  const occupied = await findOccupied(tx, { numbers, stationIds: known.map(({ id }) => id) });
  const ids = occupied.filter(({ number }) => numbers.includes(number)).map(({ id }) => id);
  await lockDevices(tx, ids);
  const ground: Ground = {
    stationOf: new Map(known.map(({ id, identity }) => [identity, id])),
    deviceOf: new Map((await readDevices(tx, ids)).map((device) => [device.number, device])),
    occupied: new Map(occupied.map(({ stationId, connector, number }) => [placeOf(stationId, connector), number])),
  };
  const named = new Map(known.map(({ identity, name }) => [identity, name]));
  const lines: ReportLine[] = [];
  let stations = 0;
  for (const { row, said } of batch) {
    const errors = refusalsOf(said, ground);
    if (errors.length > 0) {
      lines.push({ row, number: said.number, result: 'refused', errors });
      continue;
    }
    if (said.station !== undefined && !ground.stationOf.has(said.station)) {
      ground.stationOf.set(said.station, await addStation(tx, deps, said as WholeRow, options));
      stations += 1;
    } else if (
      said.station !== undefined &&
      said.stationName !== undefined &&
      named.get(said.station) !== said.stationName
    ) {
      named.set(said.station, said.stationName);
      await saveName(tx, ground.stationOf.get(said.station) as string, said.stationName);
    }
    lines.push({ row, number: said.number, ...(await putDevice(tx, deps, said, ground, options)) });
  }
  return { lines, stations };
}

const placeOf = (stationId: string, connector: number) => `${stationId}/${connector}`;

function refusalsOf(said: ImportedRow, { stationOf, deviceOf, occupied }: Ground): string[] {
  const device = deviceOf.get(said.number);
  if (!device) {
    const missing = missingFrom(said);
    if (missing.length > 0) return missing.map((column) => `${column}: is missing, and there is no such device`);
  } else if (said.station !== undefined && said.station !== device.stationIdentity) {
    return [`station: the device is on ${device.stationIdentity}`];
  }
  const stationId = device?.stationId ?? stationOf.get(said.station ?? '');
  const connector = said.connector ?? device?.connector;
  const there = stationId === undefined ? undefined : occupied.get(placeOf(stationId, connector as number));
  return there === undefined || there === said.number ? [] : [`connector: the device ${there} is there`];
}

async function addStation(tx: SqlTx, deps: ImportDeps, said: WholeRow, { operatorId }: ImportOptions): Promise<string> {
  const { clock, stationSettings } = deps;
  const { station: identity, stationName = null, stationPassword } = said;
  const now = clock();
  const id = newObjectId(now);
  const passwordHash = stationPassword === undefined ? null : hashOf(stationSettings.secret, id, stationPassword);
  const added = await insertStation(tx, { id, identity, name: stationName, passwordHash, createdAt: now });
  if (!added)
    throw new AppError('station_identity_taken', `Somebody added ${identity} meanwhile. Send the file again.`);
  await tellStory(tx, {
    stationId: id,
    at: now,
    kind: 'station.added',
    detail: { identity, imported: true },
    operatorId,
  });
  return id;
}

async function putDevice(
  tx: SqlTx,
  deps: ImportDeps,
  said: ImportedRow,
  { stationOf, deviceOf, occupied }: Ground,
  { operatorId, dryRun }: ImportOptions,
): Promise<Pick<ReportLine, 'result' | 'deviceId'>> {
  const before = deviceOf.get(said.number);
  if (!before) {
    const { station, stationName: _name, stationPassword: _password, ...fields } = said as WholeRow;
    const stationId = stationOf.get(station) as string;
    const device = await addDeviceIn(
      tx,
      deps,
      { active: true, inRepair: false, powerW: null, ...fields, stationId },
      operatorId,
    );
    occupied.set(placeOf(stationId, device.connector), device.number);
    return { result: 'created', ...(!dryRun && { deviceId: device.id }) };
  }
  const { station: _, stationName: _name, stationPassword: _password, ...fields } = said;
  const device = await changeDeviceIn(tx, deps, before, fields satisfies Partial<DeviceFields>, operatorId);
  occupied.delete(placeOf(before.stationId, before.connector));
  occupied.set(placeOf(device.stationId, device.connector), device.number);
  return { result: device === before ? 'unchanged' : 'changed', deviceId: device.id };
}
