import type { FastifyInstance } from 'fastify';
import type pg from 'pg';

const nullableText = { type: 'string', nullable: true } as const;
const product = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    number: { type: 'integer' },
    slug: { type: 'string' },
    sku: { type: 'string' },
    title: { type: 'string' },
    description: nullableText,
    price: { type: 'number' },
    currency: { type: 'string' },
    unit: nullableText,
    category: { type: 'string' },
    manufacturerId: nullableText,
    countryId: nullableText,
    tags: { type: 'array', items: { type: 'string' } },
    inStock: { type: 'boolean' },
  },
} as const;
const counts = {
  type: 'array',
  items: { type: 'object', properties: { value: nullableText, count: { type: 'integer' } } },
} as const;
const page = {
  type: 'object',
  properties: {
    items: { type: 'array', items: product },
    page: { type: 'integer' },
    limit: { type: 'integer' },
    total: { type: 'integer' },
    facets: {
      type: 'object',
      properties: { categories: counts, manufacturers: counts, countries: counts, tags: counts },
    },
  },
} as const;

interface Row {
  price: number;
  total?: number;
}
interface Query {
  q?: string;
  category?: string;
  manufacturerId?: string;
  priceFrom?: string;
  page?: string;
  facets?: string;
}

const columns = `id, number, slug, sku, title, description, price::float8, currency, unit, category, "manufacturerId",
  "countryId", tags, in_stock AS "inStock"`;
const toBody = (row: Row) => ({ ...row, price: row.price / 100 });

export function products(app: FastifyInstance, pool: pg.Pool): void {
  app.get('/products', { schema: { response: { 200: page } } }, async (request) => {
    const query = request.query as Query;
    const pageNumber = Number(query.page ?? 1);
    const { rows } = query.q === undefined ? await list(query, pageNumber) : await search(query.q);
    return {
      items: rows.map(toBody),
      page: pageNumber,
      limit: 20,
      total: rows[0]?.total ?? 0,
      ...(query.facets && { facets: (await facets(query)).rows[0] }),
    };
  });

  app.get('/products/:slug', { schema: { response: { 200: product } } }, async (request) => {
    const { slug } = request.params as { slug: string };
    const { rows } = await pool.query<Row>({
      name: 'detail',
      text: `SELECT ${columns} FROM product WHERE slug = $1`,
      values: [slug],
    });
    return rows[0] && toBody(rows[0]);
  });

  function list(query: Query, pageNumber: number) {
    const { name, where, values } = conditions(query);
    return pool.query<Row>({
      name: `list ${name}`,
      text: `SELECT ${columns}, (SELECT count(*)::int FROM product WHERE ${where}) AS total FROM product
        WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT 20 OFFSET $${values.length + 1}`,
      values: [...values, (pageNumber - 1) * 20],
    });
  }

  /** All words must be there, the last one at least by its beginning. */
  function search(words: string) {
    return pool.query<Row>({
      name: 'search',
      text: `SELECT ${columns}, count(*) OVER ()::int AS total FROM product, to_tsquery('simple', $1) AS asked
        WHERE search @@ asked ORDER BY ts_rank(search, asked) DESC, id LIMIT 20`,
      values: [`${words.trim().split(/\s+/).join(' & ')}:*`],
    });
  }

  /** The simplest there are: all by the same filter, where a shop leaves out a facet's own. */
  function facets(query: Query) {
    const { name, where, values } = conditions(query);
    const counted = (value: string, from = 'product') =>
      `(SELECT json_agg(c) FROM (SELECT ${value} AS value, count(*) AS count FROM ${from} WHERE ${where} GROUP BY 1) AS c)`;
    return pool.query({
      name: `facets ${name}`,
      text: `SELECT ${counted('category')} AS categories, ${counted('"manufacturerId"')} AS manufacturers,
        ${counted('"countryId"')} AS countries, ${counted('tag', 'product, unnest(tags) AS tag')} AS tags`,
      values,
    });
  }
}

function conditions({ category, manufacturerId, priceFrom }: Query) {
  const asked = [
    ['category =', category],
    ['"manufacturerId" =', manufacturerId],
    ['price >=', priceFrom === undefined ? undefined : String(Number(priceFrom) * 100)],
  ].filter(([, value]) => value !== undefined);
  return {
    name: asked.map(([condition]) => condition).join(' '),
    where: ['true', ...asked.map(([condition], index) => `${condition} $${index + 1}`)].join(' AND '),
    values: asked.map(([, value]) => value),
  };
}
