import type { Deps } from '../deps.ts';
import { createStatement, questionSql, withPreludes } from '../listing/where.ts';
import { questionOf } from '../search/search.ts';
import { findProducts, type NumberedProduct } from './store.ts';

export interface OperatorsFilter {
  readonly q?: string | undefined;
  readonly sku?: string | undefined;
  readonly externalId?: string | undefined;
  readonly categoryId?: string | undefined;
  readonly manufacturerId?: string | undefined;
  readonly countryId?: string | undefined;
  readonly active?: boolean | undefined;
}

/** All products that are not removed, inactive ones too, newest first. */
export async function listForOperators(
  { db, database: { pool } }: Pick<Deps, 'db' | 'database'>,
  { q, sku, externalId, categoryId, manufacturerId, countryId, active }: OperatorsFilter,
  { page, limit }: { page: number; limit: number },
): Promise<{ products: NumberedProduct[]; total: number }> {
  const statement = createStatement();
  const { param } = statement;
  const words = questionOf(q ?? '');
  const where = [
    'removed_at IS NULL',
    sku !== undefined && `sku = ${param(sku, 'text')}`,
    externalId !== undefined && `external_id = ${param(externalId, 'text')}`,
    categoryId !== undefined && `category_path @> ${param([categoryId], 'text[]')}`,
    manufacturerId !== undefined && `manufacturer_id = ${param(manufacturerId, 'text')}`,
    countryId !== undefined && `country_id = ${param(countryId, 'text')}`,
    active !== undefined && `active = ${param(active, 'boolean')}`,
    words.length > 0 && `search @@ ${questionSql(statement, { words, manner: 'typed' })}`,
  ]
    .filter((condition) => condition !== false)
    .join(' AND ');
  const text = `
    ${withPreludes(statement)}
    SELECT counted.total, listed.id FROM (SELECT count(*)::int AS total FROM product WHERE ${where}) counted
    LEFT JOIN LATERAL (
      SELECT id FROM product WHERE ${where} ORDER BY created_at DESC, id DESC
      LIMIT ${param(limit, 'int')} OFFSET ${param((page - 1) * limit, 'bigint')}
    ) listed ON true`;
  const { rows } = await pool.query<{ total: number; id: string | null }>({ text, values: statement.values });
  const ids = rows.flatMap(({ id }) => id ?? []);
  const found = new Map((await findProducts(db, { id: { in: ids } })).map((product) => [product.id, product]));
  return { products: ids.flatMap((id) => found.get(id) ?? []), total: rows[0]?.total ?? 0 };
}
