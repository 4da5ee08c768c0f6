import type { SqlTx } from '@forecourt/messaging';

type Sql = Pick<SqlTx, '$queryRaw'>;

export interface Changed {
  /** Nothing that was known holds: the products are all that are sold. */
  readonly anew: boolean;
  readonly products: readonly string[];
  readonly categories: readonly string[];
  readonly manufacturers: readonly string[];
  readonly horizon: bigint;
}

interface ChangedRow {
  horizon: bigint;
  products: string[];
  categories: string[];
  manufacturers: string[];
}

/** By whatever was not decided yet when the horizon was `bound`; all that is sold when there is none. */
export async function whatChanged(sql: Sql, bound: bigint | null): Promise<Changed> {
  if (bound === null) return { ...(await whatIsSold(sql)), anew: true };
  const [row] = await sql.$queryRaw<ChangedRow[]>`
    SELECT horizon::text::bigint AS horizon,
           coalesce(array_agg(DISTINCT thing_id) FILTER (WHERE kind = 'product'), '{}') AS products,
           coalesce(array_agg(DISTINCT thing_id) FILTER (WHERE kind = 'category' AND change = 'changed'), '{}') AS categories,
           coalesce(array_agg(DISTINCT thing_id) FILTER (WHERE kind = 'manufacturer' AND change = 'changed'), '{}')
             AS manufacturers
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS horizon) AS snapshot
    LEFT JOIN change_log ON change_log.xid >= ${String(bound)}::text::xid8
    GROUP BY horizon`;
  if (!row) throw new Error('an aggregate gave no row');
  // Transaction ids that go back are another database behind the same address.
  if (row.horizon < bound) return { ...(await whatIsSold(sql)), anew: true };
  return { ...row, anew: false };
}

async function whatIsSold(sql: Sql): Promise<ChangedRow> {
  const [row] = await sql.$queryRaw<Pick<ChangedRow, 'horizon' | 'products'>[]>`
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,
           ARRAY(SELECT id FROM product WHERE active AND removed_at IS NULL) AS products`;
  if (!row) throw new Error('a SELECT without FROM gave no row');
  return { ...row, categories: [], manufacturers: [] };
}

/** Products take words from their maker and their categories; renaming those writes no rows about them. */
export async function productsNamedAfter(
  sql: Sql,
  { categories, manufacturers }: Pick<Changed, 'categories' | 'manufacturers'>,
): Promise<string[]> {
  if (categories.length === 0 && manufacturers.length === 0) return [];
  const rows = await sql.$queryRaw<{ id: string }[]>`
    SELECT id FROM product
    WHERE active AND removed_at IS NULL
      AND (manufacturer_id = ANY(${manufacturers}::text[]) OR category_path && ${categories}::text[])`;
  return rows.map(({ id }) => id);
}

/** What each of them that is sold is called, by id: what it says itself, its tags, its maker and its categories. */
export async function namesOf(sql: Sql, productIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql.$queryRaw<{ id: string; names: string }[]>`
    SELECT p.id, concat_ws(' ', p.title_uk, p.title_ru, p.title_en, array_to_string(p.tags, ' '),
        m.name_uk, m.name_ru, m.name_en, category.names) AS names
    FROM product p
    LEFT JOIN manufacturer m ON m.id = p.manufacturer_id
    LEFT JOIN LATERAL (
      SELECT string_agg(concat_ws(' ', c.name_uk, c.name_ru, c.name_en), ' ') AS names
      FROM category c WHERE c.id = ANY(p.category_path)
    ) category ON true
    WHERE p.id = ANY(${productIds}::text[]) AND p.active AND p.removed_at IS NULL`;
  return new Map(rows.map(({ id, names }) => [id, names]));
}
