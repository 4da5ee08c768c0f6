import { toMinorUnits } from '@forecourt/dialects';
import { text } from '@forecourt/service-kit';
import { z } from 'zod';
import { type Filter, maxOffset, sorts } from '../listing/listing.ts';

const listSpelling = /^(manufacturerId|countryId|tags)(?:\[\d{0,4}\])?$/;

/**
 * Every spelling of a list (`tags=a&tags=b`, `tags[]=a`, `tags[0]=a`) as one array. What a form leaves empty was not asked
 * for. A name that is sent twice but is no list keeps its array, and zod refuses that.
 */
function tidy(query: unknown): unknown {
  const asked: [string, unknown][] = [];
  const collected = new Map<string, unknown[]>();
  for (const [name, value] of Object.entries(query as Record<string, unknown>)) {
    const list = listSpelling.exec(name)?.[1];
    if (list) collected.set(list, [...(collected.get(list) ?? []), ...[value].flat().filter((one) => one !== '')]);
    else if (value !== '') asked.push([name, value]);
  }
  return Object.fromEntries([...asked, ...collected]);
}

const numeric = /^-?\d{1,15}(?:\.\d{1,15})?$/;
/** A number as it stands in a query string; anything else stays text, which zod then refuses by its own words. */
const asNumber = (value: unknown) => (typeof value === 'string' && numeric.test(value) ? Number(value) : value);

const Id = z.string().refine((id) => /^[0-9a-f]{24}$/.test(id), { params: { rule: 'format', expected: 'object_id' } });
const Amount = z.preprocess(asNumber, z.number().min(0).max(1e12));
const maxValues = 50;

const Query = z
  .strictObject({
    q: text({ max: 200 })
      .optional()
      .meta({ description: 'Words in Ukrainian, Russian or English; the last may be unfinished.' }),
    category: text({ max: 120 }).optional().meta({ description: 'Slug or id; includes its sub-categories.' }),
    manufacturerId: z.array(Id).max(maxValues).optional(),
    countryId: z.array(Id).max(maxValues).optional(),
    priceFrom: Amount.optional().meta({ description: 'Of the price to pay now.' }),
    priceTo: Amount.optional(),
    tags: z
      .array(text({ max: 60 }))
      .max(maxValues)
      .optional()
      .meta({ description: 'Any of them.' }),
    sort: z.enum(sorts).optional().meta({ description: '`relevance` with `q`, else `newest`, when left out.' }),
    page: z.preprocess(asNumber, z.int().min(1)).default(1),
    limit: z.preprocess(asNumber, z.int().min(1).max(100)).default(20),
    facets: z
      .enum(['0', '1', 'false', 'true'])
      .optional()
      .meta({ description: '`1`: also how many products each filter would leave.' }),
  })
  .refine(({ priceFrom = 0, priceTo = Number.POSITIVE_INFINITY }) => priceFrom <= priceTo, {
    path: ['priceTo'],
    params: { rule: 'not_acceptable' },
  })
  .superRefine(({ page, limit }, { addIssue }) => {
    if ((page - 1) * limit <= maxOffset) return;
    const lastPage = Math.floor(maxOffset / limit) + 1;
    addIssue({ code: 'custom', path: ['page'], params: { rule: 'max', expected: lastPage } });
  });

export const ProductsQuery = z.preprocess(tidy, Query);
export type ProductsQuery = z.output<typeof ProductsQuery>;

export const filterOf = (query: ProductsQuery, currency: string): Filter => ({
  q: query.q === '' ? undefined : query.q,
  category: query.category?.toLowerCase(),
  manufacturerIds: query.manufacturerId ?? [],
  countryIds: query.countryId ?? [],
  tags: (query.tags ?? []).map((tag) => tag.toLowerCase()),
  priceFrom: query.priceFrom === undefined ? undefined : toMinorUnits(query.priceFrom, currency),
  priceTo: query.priceTo === undefined ? undefined : toMinorUnits(query.priceTo, currency),
});
