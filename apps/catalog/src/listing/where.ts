import type { Directory } from '../directory/directory.ts';
import { dictionaryQuery, stemQuery, type Word } from '../search/search.ts';
import type { Filter } from './listing.ts';

/** SQL text in the making: parameters are numbered in the order in which they are asked for. */
export interface Statement {
  readonly values: unknown[];
  /** The placeholder of a value. */
  param(value: unknown, type: string): string;
  /** Common table expressions that the text may name. */
  readonly preludes: string[];
}

export function createStatement(): Statement {
  const values: unknown[] = [];
  return {
    values,
    preludes: [],
    param: (value, type) => `$${values.push(value)}::${type}`,
  };
}

export const withPreludes = ({ preludes }: Statement): string =>
  preludes.length > 0 ? `WITH ${preludes.join(', ')}` : '';

/** How the words are looked for: as they were typed, as what they may have meant, or so only if no product has them as typed. */
export type Question =
  | { readonly words: readonly Word[]; readonly manner: 'typed' }
  | { readonly words: readonly Word[]; readonly manner: 'meant' | 'typed or meant'; readonly meant: string };

export type FilterName = 'category' | 'manufacturer' | 'country' | 'tags' | 'price' | 'question';

/** The conditions of a filter, by name, so that a facet can leave out its own. Null: nothing can match. */
export function conditionsOf(
  statement: Statement,
  filter: Filter,
  question: Question | null,
  directory: Directory,
): Map<FilterName, string> | null {
  const conditions = new Map<FilterName, string>();
  if (filter.category !== undefined) {
    const category = directory.findCategory(filter.category);
    if (!category) return null;
    conditions.set('category', `p.category_id ${anyOf(statement, directory.within(category.id))}`);
  }
  if (filter.manufacturerIds.length > 0)
    conditions.set('manufacturer', `p.manufacturer_id ${anyOf(statement, filter.manufacturerIds)}`);
  if (filter.countryIds.length > 0) conditions.set('country', `p.country_id ${anyOf(statement, filter.countryIds)}`);
  if (filter.tags.length > 0) conditions.set('tags', `p.tags && ${statement.param(filter.tags, 'text[]')}`);
  const prices = [
    filter.priceFrom !== undefined && `p.price_now >= ${statement.param(String(filter.priceFrom), 'bigint')}`,
    filter.priceTo !== undefined && `p.price_now <= ${statement.param(String(filter.priceTo), 'bigint')}`,
  ].filter((condition) => condition !== false);
  if (prices.length > 0) conditions.set('price', prices.join(' AND '));
  if (filter.q !== undefined) {
    if (!question || question.words.length === 0) return null;
    conditions.set('question', `p.search @@ ${questionSql(statement, question, whereOf(conditions))}`);
  }
  return conditions;
}

/** Of one value Postgres knows that an index has them in the order of its next column; of an array of one it does not. */
const anyOf = ({ param }: Statement, [first, ...others]: readonly string[]): string =>
  others.length === 0 ? `= ${param(first, 'text')}` : `= ANY(${param([first, ...others], 'text[]')})`;

export const whereOf = (conditions: ReadonlyMap<FilterName, string>, without?: FilterName): string =>
  [
    'p.active AND p.removed_at IS NULL',
    ...[...conditions].filter(([name]) => name !== without).map(([, sql]) => sql),
  ].join(' AND ');

/**
 * A tsquery, worked out once in a table expression of its own. Written in place, Postgres would see how common the words
 * are and read the whole table instead of the index, not knowing how dear it is to unpack every search document. For the same
 * reason products with the words as typed are counted: asked whether there is any, it would walk the table to the first.
 */
export function questionSql(statement: Statement, question: Question, others = 'true'): string {
  const { preludes, param } = statement;
  const meant = (query: string) => `to_tsquery('simple', ${param(query, 'text')})`;
  switch (question.manner) {
    case 'typed':
      preludes.push(`asked AS MATERIALIZED (SELECT ${typed(statement, question.words)} AS query)`);
      break;
    case 'meant':
      preludes.push(`asked AS MATERIALIZED (SELECT ${meant(question.meant)} AS query)`);
      break;
    case 'typed or meant':
      preludes.push(
        `typed AS MATERIALIZED (SELECT ${typed(statement, question.words)} AS query)`,
        `asked AS MATERIALIZED (
          SELECT as_typed, CASE WHEN as_typed THEN typed.query ELSE ${meant(question.meant)} END AS query
          FROM typed, (SELECT count(*) > 0 AS as_typed FROM product p
                       WHERE ${others} AND p.search @@ (SELECT query FROM typed)) found)`,
      );
  }
  return '(SELECT query FROM asked)';
}

const typed = ({ param }: Statement, words: readonly Word[]) =>
  `to_tsquery('simple', ${param(stemQuery(words), 'text')}) || to_tsquery('russian', ${param(dictionaryQuery(words), 'text')})`;
