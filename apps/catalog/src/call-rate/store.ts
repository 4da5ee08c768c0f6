import type { SqlTx } from '@forecourt/messaging';
import type { CallRate } from './call-rate.ts';

export interface RateList {
  readonly number: number;
  readonly effectiveFrom: Date;
  readonly importedAt: Date;
  readonly importedBy: string;
  readonly destinations: number;
}

interface RateRow {
  nameEn: string;
  nameKa: string;
  nameRu: string;
  homePrice: bigint;
  homeCode: string;
  mobilePrice: bigint;
  mobileCode: string;
}

/** What holds at an instant, and when something else will; a list by itself when `number` says which. */
export interface RatesAt {
  readonly list: RateList | null;
  readonly rates: readonly CallRate[];
  readonly until: Date | null;
}

type Sql = Pick<SqlTx, '$queryRaw'>;

export async function loadRatesAt(sql: Sql, instant: Date): Promise<RatesAt> {
  const rows = await sql.$queryRaw<({ until: Date | null } & (({ number: null } & RateRow) | (RateList & RateRow)))[]>`
    WITH current AS (
      SELECT * FROM call_rate_list WHERE effective_from <= ${instant}::timestamptz
      ORDER BY effective_from DESC, call_rate_list.number DESC LIMIT 1
    )
    SELECT coming.until, current.number, current.effective_from AS "effectiveFrom", current.imported_at AS "importedAt",
      current.imported_by AS "importedBy", current.destinations, name_en AS "nameEn", name_ka AS "nameKa",
      name_ru AS "nameRu", home_price AS "homePrice", home_code AS "homeCode", mobile_price AS "mobilePrice",
      mobile_code AS "mobileCode"
    FROM (SELECT min(effective_from) AS until FROM call_rate_list WHERE effective_from > ${instant}::timestamptz) AS coming
    LEFT JOIN current ON true LEFT JOIN call_rate ON call_rate.list = current.number ORDER BY name_en`;
  const [first] = rows;
  if (!first || first.number === null) return { list: null, rates: [], until: first?.until ?? null };
  const { number, effectiveFrom, importedAt, importedBy, destinations, until } = first;
  const list = { number, effectiveFrom, importedAt, importedBy, destinations };
  return { list, rates: rows.map(toRate), until };
}

export async function loadRates(sql: Sql, number: number): Promise<CallRate[]> {
  const rows = await sql.$queryRaw<RateRow[]>`
    SELECT name_en AS "nameEn", name_ka AS "nameKa", name_ru AS "nameRu", home_price AS "homePrice",
      home_code AS "homeCode", mobile_price AS "mobilePrice", mobile_code AS "mobileCode"
    FROM call_rate WHERE list = ${number}::int ORDER BY name_en`;
  return rows.map(toRate);
}

/** Newest first, by when they came. */
export const loadLists = (sql: Sql, { before, limit }: { before: number | undefined; limit: number }) =>
  sql.$queryRaw<RateList[]>`
    SELECT number, effective_from AS "effectiveFrom", imported_at AS "importedAt", imported_by AS "importedBy", destinations
    FROM call_rate_list WHERE ${before ?? null}::int IS NULL OR number < ${before ?? null}::int
    ORDER BY number DESC LIMIT ${limit}::int`;

export async function findList(sql: Sql, number: number): Promise<RateList | undefined> {
  const [list] = await sql.$queryRaw<RateList[]>`
    SELECT number, effective_from AS "effectiveFrom", imported_at AS "importedAt", imported_by AS "importedBy", destinations
    FROM call_rate_list WHERE number = ${number}::int`;
  return list;
}

export async function insertList(
  tx: SqlTx,
  list: Pick<RateList, 'effectiveFrom' | 'importedAt' | 'importedBy'>,
  rates: readonly CallRate[],
): Promise<number> {
  const [made] = await tx.$queryRaw<{ number: number }[]>`
    INSERT INTO call_rate_list (effective_from, imported_at, imported_by, destinations)
    VALUES (${list.effectiveFrom}::timestamptz, ${list.importedAt}::timestamptz, ${list.importedBy}::text, ${rates.length}::int)
    RETURNING number`;
  if (!made) throw new Error('an INSERT gave no row');
  const rows = JSON.stringify(
    rates.map(({ name, home, mobile }) => ({
      ...{ name_en: name.en, name_ka: name.ka, name_ru: name.ru },
      // As text: JSON's numbers end at 2^53.
      ...{ home_price: String(home.price), home_code: home.code },
      ...{ mobile_price: String(mobile.price), mobile_code: mobile.code },
    })),
  );
  await tx.$executeRaw`
    INSERT INTO call_rate (list, name_en, name_ka, name_ru, home_price, home_code, mobile_price, mobile_code)
    SELECT ${made.number}::int, name_en, name_ka, name_ru, home_price, home_code, mobile_price, mobile_code
    FROM jsonb_to_recordset(${rows}::jsonb) AS row (name_en text, name_ka text, name_ru text, home_price bigint,
      home_code text, mobile_price bigint, mobile_code text)`;
  return made.number;
}

const toRate = (row: RateRow): CallRate => ({
  name: { en: row.nameEn, ka: row.nameKa, ru: row.nameRu },
  home: { price: row.homePrice, code: row.homeCode },
  mobile: { price: row.mobilePrice, code: row.mobileCode },
});
