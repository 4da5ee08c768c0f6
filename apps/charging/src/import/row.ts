import { toMinorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { z } from 'zod';
import {
  Connector,
  DeviceNumber,
  Identity,
  Latitude,
  Longitude,
  PowerKw,
  Price,
  StationName,
  StationPassword,
  toWatts,
} from '../registry/fields.ts';

export const columns = [
  'number',
  'station',
  'station_name',
  'station_password',
  'connector',
  'longitude',
  'latitude',
  'price',
  'waiting_price',
  'power_kw',
  'active',
  'in_repair',
] as const;
export type Column = (typeof columns)[number];

/** As the file has it. A column that is not there, or an empty cell, says nothing. */
export type RawRow = Readonly<Partial<Record<Column, string>>>;

/** What a row says, in our words. */
export interface ImportedRow {
  readonly number: string;
  readonly station?: string;
  readonly stationName?: string;
  readonly stationPassword?: string;
  readonly connector?: number;
  readonly longitude?: number;
  readonly latitude?: number;
  readonly price?: bigint;
  readonly waitingPrice?: bigint;
  readonly powerW?: number;
  readonly active?: boolean;
  readonly inRepair?: boolean;
}

/** Spreadsheets write a comma where their owner's decimals have one. */
const decimal = (cell: unknown) =>
  typeof cell === 'string' && /^-?\d{1,12}(?:[.,]\d{1,18})?$/.test(cell) ? Number(cell.replace(',', '.')) : cell;
const whole = (cell: unknown) => (typeof cell === 'string' && /^\d{1,9}$/.test(cell) ? Number(cell) : cell);
const words = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
]);
const yesOrNo = (cell: unknown) => (typeof cell === 'string' ? (words.get(cell.toLowerCase()) ?? cell) : cell);
const flag = z.preprocess(yesOrNo, z.boolean());

const cells = {
  number: DeviceNumber,
  station: Identity,
  station_name: StationName,
  station_password: StationPassword,
  connector: z.preprocess(whole, Connector),
  longitude: z.preprocess(decimal, Longitude),
  latitude: z.preprocess(decimal, Latitude),
  price: z.preprocess(decimal, Price),
  waiting_price: z.preprocess(decimal, Price),
  power_kw: z.preprocess(decimal, PowerKw).transform(toWatts),
  active: flag,
  in_repair: flag,
} satisfies Record<Column, z.ZodType>;

const names = {
  number: 'number',
  station: 'station',
  station_name: 'stationName',
  station_password: 'stationPassword',
  connector: 'connector',
  longitude: 'longitude',
  latitude: 'latitude',
  price: 'price',
  waiting_price: 'waitingPrice',
  power_kw: 'powerW',
  active: 'active',
  in_repair: 'inRepair',
} as const satisfies Record<Column, keyof ImportedRow>;

const money: ReadonlySet<Column> = new Set(['price', 'waiting_price']);

/** Every cell read on its own, so that a row's report names all that is wrong with it. */
export function readRow(raw: RawRow, currency: string): ImportedRow | { number: string; errors: string[] } {
  const errors: string[] = [];
  const row: Record<string, unknown> = {};
  for (const column of columns) {
    const cell = raw[column];
    if (cell === undefined || cell === '') continue;
    const { data, error } = cells[column].safeParse(cell);
    if (error) errors.push(...error.issues.map(({ message }) => `${column}: ${message}`));
    else row[names[column]] = money.has(column) ? amount(column, data as number, currency, errors) : data;
  }
  if (raw.number === undefined || raw.number === '') errors.push('number: is missing');
  return errors.length > 0 ? { number: raw.number ?? '', errors } : (row as unknown as ImportedRow);
}

function amount(column: Column, major: number, currency: string, errors: string[]): bigint {
  try {
    return toMinorUnits(major, currency);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    errors.push(`${column}: ${error.message}`);
    return 0n;
  }
}

const needed = ['station', 'connector', 'longitude', 'latitude', 'price', 'waitingPrice'] as const;
export type WholeRow = ImportedRow & Required<Pick<ImportedRow, (typeof needed)[number]>>;

/** What a device that is not there yet cannot do without. */
export const missingFrom = (row: ImportedRow): string[] =>
  columns.filter((column) => (needed as readonly string[]).includes(names[column]) && row[names[column]] === undefined);
