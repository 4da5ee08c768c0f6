import { createHash } from 'node:crypto';
import type { Database } from '@forecourt/service-kit';
import type { Directory } from '../directory/directory.ts';
import type { CatalogueLanguage } from '../translation/translation.ts';
import type { Facts } from './columns.ts';
import {
  type FacetName,
  type Facets,
  type Filter,
  type ListedRow,
  maxTagCounts,
  narrowing,
  type Page,
  type Sort,
  withAncestors,
} from './listing.ts';
import {
  conditionsOf,
  createStatement,
  type FilterName,
  type Question,
  type Statement,
  whereOf,
  withPreludes,
} from './where.ts';

const texts: Record<CatalogueLanguage, { title: string; description: string }> = {
  uk: { title: 'p.title_uk', description: 'p.description_uk' },
  ru: { title: 'coalesce(p.title_ru, p.title_uk)', description: 'coalesce(p.description_ru, p.description_uk)' },
  en: { title: 'coalesce(p.title_en, p.title_uk)', description: 'coalesce(p.description_en, p.description_uk)' },
};

const columnsIn = (language: CatalogueLanguage) =>
  `p.id, p.number, p.slug, p.sku, ${texts[language].title} AS title, ${texts[language].description} AS description, p.price,
   p.unit, p.category_id AS "categoryId", p.category_path AS "categoryPath", p.manufacturer_id AS "manufacturerId",
   p.country_id AS "countryId", p.tags, p.images, p.options, p.in_stock AS "inStock", p.package`;

/**
 * Each ends with the id, so that pages neither repeat nor skip a product. Products of a category have names that begin alike:
 * whoever walked all names in their order, in hope of soon meeting twenty of a category, might meet none before the end. So
 * there they are sorted by an expression that no index has.
 */
const orders = (language: CatalogueLanguage, narrowed: boolean): Record<Exclude<Sort, 'relevance'>, string> => ({
  newest: 'p.created_at DESC, p.id DESC',
  price: 'p.price_now, p.id',
  '-price': 'p.price_now DESC, p.id DESC',
  title: `${narrowed ? `(${texts[language].title} || '')` : texts[language].title} COLLATE "und-x-icu", p.id`,
});

export interface ListedPage {
  readonly ids: readonly string[];
  readonly total: number;
  /** Whether the words were found as typed; else these products have what they may have meant. */
  readonly asTyped: boolean;
}

const nothing: ListedPage = { ids: [], total: 0, asTyped: true };

/**
 * Which products are on a page, and how many there are unless that is known; one statement, whatever the filter. Rows are
 * wide: this reads narrow indexes, and most products that it finds are at hand already.
 */
export async function listPage(
  { pool }: Pick<Database, 'pool'>,
  filter: Filter,
  { page, limit, sort, language }: Page,
  {
    question,
    directory,
    knownTotal,
  }: { question: Question | null; directory: Directory; knownTotal: number | undefined },
): Promise<ListedPage> {
  const statement = createStatement();
  const conditions = conditionsOf(statement, filter, question, directory);
  if (!conditions) return nothing;
  const where = whereOf(conditions);
  const byRelevance = conditions.has('question') && (sort === undefined || sort === 'relevance');
  // Ranking reads every hit, so the same reading counts them.
  if (byRelevance)
    statement.preludes.push(
      `hits AS MATERIALIZED (SELECT p.id, ts_rank(p.search, asked.query) AS rank FROM product p, asked WHERE ${where})`,
    );
  const counted =
    knownTotal === undefined
      ? `SELECT count(*)::int AS total FROM ${byRelevance ? 'hits' : `product p WHERE ${where}`}`
      : `SELECT ${statement.param(knownTotal, 'int')} AS total`;
  const slice = `LIMIT ${statement.param(limit, 'int')} OFFSET ${statement.param((page - 1) * limit, 'int')}`;
  const order = orders(language, conditions.has('category'))[
    sort === undefined || sort === 'relevance' ? 'newest' : sort
  ];
  const listed = byRelevance
    ? `SELECT id FROM hits ORDER BY rank DESC, id DESC ${slice}`
    : `SELECT p.id FROM product p WHERE ${where} ORDER BY ${order} ${slice}`;
  // The total comes first and stays when the page is past the end.
  const asTyped = question?.manner === 'typed or meant' ? '(SELECT as_typed FROM asked)' : 'true';
  const rows = await query<{ total: number; asTyped: boolean; id: string | null }>(
    pool,
    statement,
    `SELECT counted.total, ${asTyped} AS "asTyped", listed.id FROM (${counted}) counted LEFT JOIN LATERAL (${listed}) listed ON true`,
  );
  const [first] = rows;
  if (!first) throw new Error('a count gave no row');
  return { ids: rows.flatMap(({ id }) => id ?? []), total: first.total, asTyped: first.asTyped };
}

/**
 * Each by id, or by any slug that the product has or had. The array comes out of a subquery because Postgres would
 * otherwise count its members and, in hope of better, plan anew each time, which costs more than the finding.
 */
export async function findListed(
  { pool }: Pick<Database, 'pool'>,
  idsOrSlugs: readonly string[],
  language: CatalogueLanguage,
): Promise<(ListedRow | null)[]> {
  const statement = createStatement();
  const rows = await query<ListedRow & { asked: string }>(
    pool,
    statement,
    `SELECT asked.asked, ${columnsIn(language)} FROM unnest((SELECT ${statement.param(idsOrSlugs, 'text[]')})) AS asked
     JOIN product p ON p.id = CASE WHEN asked.asked ~ '^[0-9a-f]{24}$' THEN asked.asked
       ELSE (SELECT product_id FROM product_slug WHERE slug = asked.asked) END
     WHERE p.active AND p.removed_at IS NULL`,
  );
  const found = new Map(rows.map(({ asked, ...row }) => [asked, row]));
  return idsOrSlugs.map((idOrSlug) => found.get(idOrSlug) ?? null);
}

const factsOf = (from: string) => `
  SELECT p.id, (extract(epoch FROM p.created_at) * 1000)::float8 AS "createdAt", p.price_now::float8 AS "priceNow",
    p.category_id AS "categoryId", p.manufacturer_id AS "manufacturerId", p.country_id AS "countryId",
    array_to_json(p.tags)::text AS tags
  FROM ${from} AND p.active AND p.removed_at IS NULL`;

/** Of those of them that are shown. */
export function readFactsOf({ pool }: Pick<Database, 'pool'>, ids: readonly string[]): Promise<Facts[]> {
  const statement = createStatement();
  const asked = `unnest((SELECT ${statement.param(ids, 'text[]')})) AS asked`;
  return query<Facts>(pool, statement, factsOf(`${asked}, product p WHERE p.id = asked`));
}

/** Of all that are shown, so many at a time, in the order of their ids. */
export function readFacts({ pool }: Pick<Database, 'pool'>, after: string, limit: number): Promise<Facts[]> {
  const statement = createStatement();
  const some = factsOf(`product p WHERE p.id > ${statement.param(after, 'text')}`);
  return query<Facts>(pool, statement, `${some} ORDER BY p.id LIMIT ${statement.param(limit, 'int')}`);
}

/** What each facet counts, and which filter is its own and so does not narrow it. */
const countings: Record<
  Exclude<FacetName, 'price'>,
  { value: string; from: string; own: FilterName; limit: string }
> = {
  categories: { value: 'p.category_id', from: '', own: 'category', limit: '' },
  manufacturers: { value: 'p.manufacturer_id', from: '', own: 'manufacturer', limit: '' },
  countries: { value: 'p.country_id', from: '', own: 'country', limit: '' },
  tags: { value: 'tag', from: ', unnest(p.tags) AS tag', own: 'tags', limit: `LIMIT ${maxTagCounts}` },
};

/** These facets, in one statement. */
export async function countFacets(
  { pool }: Pick<Database, 'pool'>,
  names: readonly FacetName[],
  { filter, question, directory }: { filter: Filter; question: Question | null; directory: Directory },
): Promise<Partial<Facets>> {
  const statement = createStatement();
  const [only, ...others] = names;
  // Postgres takes no parameter that nothing refers to.
  const asked = only && others.length === 0 ? narrowing(only, filter) : filter;
  const conditions = conditionsOf(statement, asked, question, directory);
  if (!conditions) return { categories: [], manufacturers: [], countries: [], tags: [], price: null };
  const sqlOf = (name: FacetName) => {
    if (name === 'price')
      return `(SELECT json_build_array(min(p.price_now)::text, max(p.price_now)::text)
        FROM product p WHERE ${whereOf(conditions, 'price')})`;
    const { value, from, own, limit } = countings[name];
    return `(SELECT coalesce(json_agg(json_build_object('value', value, 'count', count) ORDER BY count DESC, value), '[]')
      FROM (SELECT ${value} COLLATE "C" AS value, count(*)::int AS count FROM product p${from}
            WHERE ${whereOf(conditions, own)} AND ${value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 ${limit}) counted)`;
  };
  const [row] = await query<Partial<Record<FacetName, unknown>>>(
    pool,
    statement,
    `SELECT ${names.map((name) => `${sqlOf(name)} AS ${name}`).join(', ')}`,
  );
  if (!row) throw new Error('a SELECT without FROM gave no row');
  const { categories, price, ...counted } = row as Partial<Facets> & { price?: [string | null, string | null] };
  return {
    ...counted,
    ...(categories && { categories: withAncestors(categories, directory) }),
    ...(price && { price: rangeOf(price) }),
  };
}

const rangeOf = ([min, max]: [string | null, string | null]): Facets['price'] =>
  min === null || max === null ? null : { min: BigInt(min), max: BigInt(max) };

/** Prepared under a name that its text decides: the shapes of filters are few, their values are parameters. */
async function query<Row>(pool: Database['pool'], statement: Statement, body: string): Promise<Row[]> {
  const text = `${withPreludes(statement)} ${body}`;
  let name = names.get(text);
  if (!name) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 24);
    names.set(text, name);
  }
  return (await pool.query({ name, text, values: statement.values })).rows as Row[];
}

const names = new Map<string, string>();
