import type { PackageTerms } from '@forecourt/contracts';
import type { SqlTx } from '@forecourt/messaging';
import type { ProductOption } from '../product/product.ts';
import { type Position, type SyncItem, unknownCursor } from './sync.ts';

/** Rows looked at for each that is wanted: most may have been overtaken by later ones. */
const scannedForOne = 10;
const leastScanned = 1_000;
const mostScanned = 5_000;

export interface Page {
  readonly items: readonly SyncItem[];
  /** Where to go on. */
  readonly position: Position;
  /** There is more to be had at once. */
  readonly more: boolean;
  /** Something was committed that will only be there when an older transaction is over. */
  readonly pending: boolean;
}

interface FactsRow {
  epoch: string;
  horizon: bigint;
  /** A row bears the id of a transaction that this database has not begun: it came out of a dump. */
  ahead: boolean;
  pending: boolean;
  looked: number;
  lastXid: bigint | null;
  lastSeq: bigint | null;
}

interface ItemRow {
  xid: bigint;
  seq: bigint;
  at: Date;
  removedAt: Date | null;
  id: string;
  number: bigint;
  sku: string;
  externalId: string | null;
  slug: string;
  titleUk: string;
  titleRu: string | null;
  titleEn: string | null;
  descriptionUk: string | null;
  descriptionRu: string | null;
  descriptionEn: string | null;
  price: bigint;
  priceNow: bigint;
  unit: string | null;
  categoryId: string;
  categoryPath: string[];
  manufacturerId: string | null;
  countryId: string | null;
  tags: string[];
  images: string[];
  options: ProductOption[];
  active: boolean;
  package: PackageTerms | null;
  inStock: boolean;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/**
 * What happened to products after this place, below the oldest running transaction, where nothing can come any more: rows
 * do not become visible in the order of their numbers. Of each product its last change alone, with the product as that
 * change left it: one statement sees the log and the products at one instant, so that what is shown of a product is
 * what its last visible row did, and shown with no other row. Undefined: the log has to be mended first. Refuses a
 * place that this database has not come to.
 */
export async function readPage(
  sql: Pick<SqlTx, '$queryRaw'>,
  after: Position | undefined,
  limit: number,
): Promise<Page | undefined> {
  const scanned = Math.min(Math.max(scannedForOne * limit, leastScanned), mostScanned);
  const rows = await sql.$queryRaw<(FactsRow & (ItemRow | { id: null }))[]>`
    WITH snapshot AS MATERIALIZED (
      SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon, pg_snapshot_xmax(pg_current_snapshot()) AS end
    ), facts AS MATERIALIZED (
      -- Ordered, so that none of these can become a reading of the whole log.
      SELECT epoch, horizon,
        (SELECT change_log.xid FROM change_log ORDER BY change_log.xid DESC, change_log.seq DESC LIMIT 1) >= snapshot.end AS ahead,
        (SELECT true FROM change_log WHERE change_log.xid >= horizon AND kind IN ('product', 'stock', 'price')
          ORDER BY change_log.xid, change_log.seq LIMIT 1) AS pending
      FROM change_log_epoch, snapshot
    ), looked AS MATERIALIZED (
      SELECT change_log.xid, change_log.seq, thing_id, at FROM change_log, facts
      WHERE kind IN ('product', 'stock', 'price') AND change_log.xid < facts.horizon
        AND (change_log.xid, change_log.seq) > (${String(after?.xid ?? 0)}::text::xid8, ${String(after?.seq ?? 0)}::text::bigint)
      ORDER BY change_log.xid, change_log.seq LIMIT ${scanned}::int
    ), given AS MATERIALIZED (
      SELECT looked.xid, looked.seq, looked.at, product.*
      FROM looked JOIN product ON product.id = looked.thing_id
      WHERE NOT EXISTS (
          SELECT FROM change_log later
          WHERE later.thing_id = looked.thing_id AND later.kind IN ('product', 'stock', 'price')
            AND (later.xid, later.seq) > (looked.xid, looked.seq))
        AND (product.removed_at IS NULL OR looked.xid >= coalesce(
          ${after === undefined ? null : String(after.since)}::text::xid8, (SELECT horizon FROM facts)))
      ORDER BY looked.xid, looked.seq LIMIT ${limit}::int
    )
    SELECT facts.epoch, facts.horizon::text::bigint AS horizon,
      coalesce(facts.ahead, false) AS ahead, coalesce(facts.pending, false) AS pending,
      (SELECT count(*)::int FROM looked) AS looked,
      (SELECT xid::text::bigint FROM looked ORDER BY looked.xid DESC, looked.seq DESC LIMIT 1) AS "lastXid",
      (SELECT seq FROM looked ORDER BY looked.xid DESC, looked.seq DESC LIMIT 1) AS "lastSeq",
      given.xid::text::bigint AS xid, given.seq, given.at, given.removed_at AS "removedAt", given.id, given.number, given.sku,
      given.external_id AS "externalId", given.slug, given.title_uk AS "titleUk", given.title_ru AS "titleRu",
      given.title_en AS "titleEn", given.description_uk AS "descriptionUk", given.description_ru AS "descriptionRu",
      given.description_en AS "descriptionEn", given.price, given.price_now AS "priceNow", given.unit,
      given.category_id AS "categoryId", given.category_path AS "categoryPath",
      given.manufacturer_id AS "manufacturerId", given.country_id AS "countryId", given.tags, given.images,
      given.options, given.active, given.package, given.in_stock AS "inStock", given.version,
      given.created_at AS "createdAt", given.updated_at AS "updatedAt"
    FROM facts LEFT JOIN given ON true ORDER BY given.xid, given.seq`;
  const [facts] = rows;
  if (!facts) throw new Error('the change log has no epoch');
  if (facts.ahead) return undefined;

  const { epoch, horizon, looked, lastXid, lastSeq, pending } = facts;
  // The line never goes back: whoever was given a place beyond it was given it by a database that knew more.
  if (after && (after.xid >= horizon || after.since > horizon)) throw unknownCursor();
  const since = after?.since ?? horizon;
  const items = rows.flatMap((row) => (row.id === null ? [] : [itemOf(row, { epoch, since })]));
  const end = { epoch, since, xid: lastXid ?? after?.xid ?? 0n, seq: lastSeq ?? after?.seq ?? 0n };
  const last = items.length === limit ? items.at(-1)?.position : undefined;
  const position = last ?? end;
  const more = looked === scanned || position.xid !== end.xid || position.seq !== end.seq;
  return { items, position, more, pending };
}

function itemOf(row: ItemRow, { epoch, since }: Pick<Position, 'epoch' | 'since'>): SyncItem {
  const { xid, seq, at, removedAt, titleUk, titleRu, titleEn, descriptionUk, descriptionRu, descriptionEn, ...rest } =
    row;
  const position = { epoch, since, xid, seq };
  if (removedAt !== null) return { type: 'delete', position, at, product: rest };
  const title = { uk: titleUk, ru: titleRu, en: titleEn };
  const description = { uk: descriptionUk, ru: descriptionRu, en: descriptionEn };
  return { type: 'upsert', position, at, product: { ...rest, title, description } };
}
