import type { FastifyInstance } from 'fastify';
import type pg from 'pg';

const text = { type: 'string' } as const;
const nullableText = { type: 'string', nullable: true } as const;
const texts = { type: 'object', properties: { uk: nullableText, ru: nullableText, en: nullableText } } as const;
const list = { type: 'array', items: text } as const;
const followed = {
  type: 'object',
  properties: {
    id: text,
    number: { type: 'integer' },
    slug: text,
    sku: text,
    externalId: nullableText,
    version: { type: 'integer' },
    title: texts,
    description: texts,
    price: { type: 'number' },
    priceNow: { type: 'number' },
    currency: text,
    unit: nullableText,
    categoryId: text,
    categoryPath: list,
    manufacturerId: nullableText,
    countryId: nullableText,
    tags: list,
    images: list,
    options: { type: 'array', items: { type: 'object', additionalProperties: true } },
    active: { type: 'boolean' },
    inStock: { type: 'boolean' },
    package: { type: 'object', nullable: true, additionalProperties: true },
    createdAt: text,
    updatedAt: text,
  },
} as const;
const changes = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { type: 'object', properties: { type: text, at: text, product: followed } } },
    cursor: text,
    more: { type: 'boolean' },
  },
} as const;
const rate = { type: 'object', properties: { price: { type: 'number' }, code: text } } as const;
const cities = {
  type: 'object',
  properties: {
    cities: { type: 'array', items: { type: 'object', properties: { name: text, home: rate, mobilePhone: rate } } },
  },
} as const;
const client = {
  type: 'object',
  properties: {
    isActive: { type: 'boolean' },
    balance: { type: 'number' },
    expireDate: nullableText,
    products: { type: 'array', items: { type: 'integer' } },
  },
} as const;
const answer = (data: object): { response: Record<number, object> } => ({
  response: {
    200: { type: 'object', properties: { data, success: { type: 'boolean' }, errorCode: { type: 'integer' } } },
  },
});
const succeeded = (data: object) => ({ data, success: true, errorCode: 0 });

interface FollowedRow {
  seq: string;
  at: Date;
  price: number;
  price_now: number;
  [column: string]: unknown;
}

export function subscriber(app: FastifyInstance, pool: pg.Pool): void {
  /** A row a product, and their numbers in order: nobody writes, and nothing was overtaken. */
  app.get('/products/sync', { schema: answer(changes) }, async (request) => {
    const { cursor = '0', limit } = request.query as { cursor?: string; limit: string };
    const { rows } = await pool.query<FollowedRow>({
      name: 'sync',
      text: `SELECT seq, updated_at AS at, id, number, slug, sku, external_id AS "externalId", version,
          title_uk, title_ru, title_en, description_uk, description_ru, description_en, price::float8, price_now::float8,
          unit, category_id AS "categoryId", category_path AS "categoryPath", manufacturer_id AS "manufacturerId",
          country_id AS "countryId", tags, images, options, active, in_stock AS "inStock", package,
          created_at AS "createdAt", updated_at AS "updatedAt"
        FROM followed WHERE seq > $1 ORDER BY seq LIMIT $2`,
      values: [cursor, limit],
    });
    return succeeded({
      items: rows.map(({ at, price, price_now, ...row }) => ({
        type: 'upsert',
        at,
        product: {
          ...row,
          title: { uk: row.title_uk, ru: row.title_ru, en: row.title_en },
          description: { uk: row.description_uk, ru: row.description_ru, en: row.description_en },
          price: price / 100,
          priceNow: price_now / 100,
          currency: 'UAH',
        },
      })),
      cursor: rows.at(-1)?.seq ?? cursor,
      more: rows.length === Number(limit),
    });
  });

  /** Two statements when the list is not known, and the smaller one when it is. */
  app.get('/calls', { schema: answer(cities) }, async (request, reply) => {
    const language = ['en', 'ru'].find((known) => known === request.headers['accept-language']) ?? 'ka';
    const { rows } = await pool.query<{ number: number }>({
      name: 'calls now',
      text: 'SELECT max(list) AS number FROM call_rate',
    });
    const etag = `"${rows[0]?.number}-${language}"`;
    reply.header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    const found = await pool.query<Record<string, string | number>>({
      name: `calls ${language}`,
      text: `SELECT name_${language} AS name, home_price::float8, home_code, mobile_price::float8, mobile_code
        FROM call_rate WHERE list = $1 ORDER BY 1`,
      values: [rows[0]?.number],
    });
    return succeeded({
      cities: found.rows.map(({ name, home_price, home_code, mobile_price, mobile_code }) => ({
        name,
        home: { price: Number(home_price) / 100, code: home_code },
        mobilePhone: { price: Number(mobile_price) / 100, code: mobile_code },
      })),
    });
  });

  app.get('/client/:id', { schema: answer(client) }, async (request) => {
    const { rows } = await pool.query<{ balance: number; until: Date | null; products: number[] | null }>({
      name: 'client',
      text: `SELECT (balance - held)::float8 AS balance, min(until) AS until, array_agg(product_number) AS products
        FROM wallet LEFT JOIN subscribed ON customer_id = id AND until > now() WHERE id = $1 GROUP BY id`,
      values: [request.headers['x-customer']],
    });
    const { balance = 0, until = null, products = [] } = rows[0] ?? {};
    return succeeded({ isActive: until !== null, balance: balance / 100, expireDate: until, products });
  });
}
