import { readFile } from 'node:fs/promises';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCatalog, aProcessOf, type CatalogSystem } from '../../test/builders.ts';
import { changeCategory } from '../category/service.ts';
import { changeManufacturer } from '../manufacturer/service.ts';
import { changeProduct, removeProduct } from '../product/service.ts';
import { Lexicon } from './lexicon.ts';
import { isSuggestible, questionOf, type Word, wordsOf } from './search.ts';
import { whatChanged } from './store.ts';
import { createVocabulary } from './vocabulary.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

const who = { actor: 'test', expectedVersion: undefined };
const named = (uk: string) => ({ uk, ru: null, en: null });
const meantBy = async (typed: string, { deps }: CatalogSystem = catalog) =>
  (await deps.vocabulary.meaningsOf(questionOf(typed))).closest;

test('a word is offered from the moment when it is sold until nobody sells it any more', async () => {
  expect(await meantBy('фантаскоп')).toBeNull();
  const one = await catalog.aProduct({ title: named('Фантоскоп') });
  const other = await catalog.aProduct({ title: named('Дитячий фантоскоп') });
  expect(await meantBy('фантаскоп')).toContain('fantoskop');
  await removeProduct(catalog.deps, one.id, who);
  expect(await meantBy('фантаскоп')).toContain('fantoskop');
  await changeProduct(catalog.deps, other.id, () => ({ active: false }), who);
  expect(await meantBy('фантаскоп')).toBeNull();
  await changeProduct(catalog.deps, other.id, () => ({ active: true }), who);
  expect(await meantBy('фантаскоп')).toContain('fantoskop');
  await changeProduct(catalog.deps, other.id, () => ({ title: named('Дитячий театр') }), who);
  expect(await meantBy('фантаскоп')).toBeNull();
});

test('a maker and a category are words as long as a product has them, by the names that they have now', async () => {
  const maker = await catalog.aManufacturer(named('Гірковиця'));
  const category = await catalog.aCategory({ name: named('Парасольки') });
  const below = await catalog.aCategory({ parentId: category.id });
  expect(await meantBy('гірковеця')).toBeNull();
  const product = await catalog.aProduct({ manufacturerId: maker.id, categoryId: below.id });
  expect(await meantBy('гірковеця')).toContain('girkovic');
  expect(await meantBy('порасольки')).toContain('parasolk');
  await changeManufacturer(catalog.deps, maker.id, () => ({ name: named('Долинянка') }), who);
  await changeCategory(catalog.deps, category.id, () => ({ name: named('Капелюхи') }), who);
  expect(await meantBy('гірковеця')).toBeNull();
  expect(await meantBy('порасольки')).toBeNull();
  expect(await meantBy('далинянка')).toContain('dolin');
  expect(await meantBy('копелюхи')).toContain('kapel');
  await removeProduct(catalog.deps, product.id, who);
  expect(await meantBy('далинянка')).toBeNull();
});

test('what another process changes is known here, too', async () => {
  const neighbour = await aProcessOf(catalog.runtime);
  expect(await meantBy('барометор', neighbour)).toBeNull();
  const product = await catalog.aProduct({ title: named('Барометр') });
  catalog.runtime.clock.advance(1000);
  expect(await meantBy('барометор', neighbour)).toContain('barometr');
  await removeProduct(catalog.deps, product.id, who);
  catalog.runtime.clock.advance(1000);
  expect(await meantBy('барометор', neighbour)).toBeNull();
});

test('those who ask at the same time while products change all hear of what was there before they asked', async () => {
  const names = ['Альфорія', 'Бетанія', 'Гаманія', 'Дельтанія', 'Епсилонія'];
  await Promise.all(
    names.map(async (name) => {
      await catalog.aProduct({ title: named(name) });
      const slip = `${name.slice(0, 3)}ж${name.slice(4)}`;
      const answers = await Promise.all([1, 2, 3].map(() => meantBy(slip)));
      const [word] = wordsOf(name);
      for (const answer of answers) expect(answer).toContain(word?.stem);
    }),
  );
});

test('a reading that fails is anew the next one’s, and fails nobody else', async () => {
  await catalog.aProduct({ title: named('Кінескоп') });
  const { database } = catalog.runtime;
  let failures = 2;
  const failing: typeof database.$queryRaw = (...statement) => {
    failures -= 1;
    return failures === 0 ? Promise.reject(new Error('the connection broke')) : database.$queryRaw(...statement);
  };
  const vocabulary = createVocabulary({ $queryRaw: failing }, catalog.deps.revisions);
  const typed = questionOf('кинаскоп');
  expect(vocabulary.knows(typed)).toBe(true);
  await expect(vocabulary.meaningsOf(typed)).rejects.toThrow('the connection broke');
  expect((await vocabulary.meaningsOf(typed)).closest).toContain('kineskop');
  expect(vocabulary.knows(typed)).toBe(false);
});

test('a database that went back in time is read from the beginning', async () => {
  const { id } = await catalog.aProduct();
  const { horizon, products, ...changed } = await whatChanged(catalog.runtime.database, 1n << 60n);
  expect(changed.anew).toBe(true);
  expect(products).toContain(id);
  expect(await whatChanged(catalog.runtime.database, horizon)).toMatchObject({ anew: false });
});

describe('a search costs', () => {
  const statementsOf = async (q: string, rest = '') => {
    const { result, statements } = await countStatements(catalog.runtime, () =>
      catalog.app.inject(`/products?q=${encodeURIComponent(q)}${rest}`),
    );
    return { body: result.json<{ total: number; fuzzy?: true }>(), count: statements.length };
  };

  test('one statement to find, with a slip or without, and one to read what is not at hand', async () => {
    await catalog.aProduct({ title: named('Мікроскоп оглядовий'), description: named('Зі штативом') });
    await statementsOf('мекроскоп');
    expect(await statementsOf('мікроскоп')).toMatchObject({ body: { total: 1 }, count: 1 });
    expect(await statementsOf('мікраскоп')).toMatchObject({ body: { total: 1, fuzzy: true }, count: 1 });
    expect(await statementsOf('мікраскоп оглядовий')).toMatchObject({ body: { total: 1, fuzzy: true }, count: 1 });
    const described = await statementsOf('мікроскоп штативом');
    expect(described).toMatchObject({ body: { total: 1 }, count: 1 });
    expect(described.body.fuzzy).toBeUndefined();
    expect(await statementsOf('абракадабра')).toMatchObject({ body: { total: 0 }, count: 1 });
  });

  test('the same pages and counts for what was meant as for what was typed', async () => {
    for (const n of [1, 2, 3]) await catalog.aProduct({ title: named(`Телескоп номер ${n}`), price: BigInt(100 * n) });
    for (const rest of ['', '&limit=2&page=2', '&sort=price', '&priceTo=2', '&facets=1', '&priceFrom=90']) {
      const [typed, meant] = await Promise.all(
        ['телескоп', 'тилескоп'].map(async (q) => {
          const response = await catalog.app.inject(`/products?q=${encodeURIComponent(q)}${rest}`);
          const { fuzzy, ...body } = response.json();
          return { fuzzy, body };
        }),
      );
      expect(meant?.body, rest).toEqual(typed?.body);
      expect(typed?.fuzzy).toBeUndefined();
      expect(meant?.fuzzy).toBe(meant?.body.total > 0 ? true : undefined);
    }
  });

  test('no wider reading while a closer one finds something; a known word may still be a slip', async () => {
    await catalog.aProduct({ title: named('Корона срібна') });
    await catalog.aProduct({ title: named('Корова рогата') });
    expect((await statementsOf('корова срібна')).body).toMatchObject({ total: 1, fuzzy: true });
    expect((await statementsOf('корона')).body.fuzzy).toBeUndefined();
  });
});

describe('words of a real shop, mistyped', () => {
  /** As Postgres finds them: words that share a form that lacks a letter, then those with similar trigrams. */
  const formsOf = (word: string) =>
    word.length < 4 ? [word] : [word, ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1))];
  let words: Word[];
  beforeAll(async () => {
    const shop = wordsOf(await readFile(new URL('../../demo/products.csv', import.meta.url), 'utf8'));
    words = [...new Map(shop.filter(isSuggestible).map((word) => [word.folded, word])).values()];
    const { pool } = catalog.runtime.database;
    await pool.query(`
      CREATE TABLE known (word text, forms text[]);
      CREATE INDEX ON known USING gin (word gin_trgm_ops);
      CREATE INDEX ON known USING gin (forms);
      CREATE FUNCTION words_like(typed text, typed_forms text[]) RETURNS text[] LANGUAGE sql STABLE SET enable_seqscan = off AS $$
        SELECT ARRAY(SELECT known.word FROM known WHERE known.forms && typed_forms OR known.word % typed
          ORDER BY known.forms && typed_forms DESC, similarity(known.word, typed) DESC, known.word LIMIT 4)
      $$`);
    await pool.query(
      'INSERT INTO known SELECT * FROM jsonb_to_recordset($1::jsonb) AS known (word text, forms text[])',
      [JSON.stringify(words.map(({ folded }) => ({ word: folded, forms: formsOf(folded) })))],
    );
  });
  const byPostgres = async (typed: readonly string[]) => {
    const rows: { found: string[] }[] = [];
    for (let at = 0; at < typed.length; at += 100) {
      const some = typed.slice(at, at + 100).map((word) => ({ word, forms: formsOf(word) }));
      const found = await catalog.runtime.database.pool.query<{ found: string[] }>(
        'SELECT words_like(word, forms) AS found FROM jsonb_to_recordset($1::jsonb) AS typed (word text, forms text[])',
        [JSON.stringify(some)],
      );
      rows.push(...found.rows);
    }
    return rows;
  };
  const letters = 'абвгдежзийклмнопрстуфхцчшщьюяіїєabcdefghijklmnopqrstuvwxyz';
  const slips = {
    insert: (word: string, at: number, letter: string) => word.slice(0, at) + letter + word.slice(at),
    delete: (word: string, at: number) => word.slice(0, at) + word.slice(at + 1),
    replace: (word: string, at: number, letter: string) => word.slice(0, at) + letter + word.slice(at + 1),
    swap: (word: string, at: number) =>
      word.slice(0, at) + [...word.slice(at, at + 2)].reverse().join('') + word.slice(at + 2),
  };

  test.each(Object.entries(slips))('%s: found as often as by trigrams in Postgres, at least', async (_kind, slip) => {
    const lexicon = new Lexicon();
    for (const { folded } of words) lexicon.use({ word: folded, stem: folded });
    const typed = words
      .filter(({ raw }) => raw.length >= 4)
      .slice(0, 500)
      .flatMap(({ raw, folded }, n) => {
        const [slipped] = wordsOf(slip(raw, (7 * n) % raw.length, letters[(11 * n) % letters.length] as string));
        return slipped ? [{ meant: folded, typed: slipped.folded }] : [];
      });
    const before = await byPostgres(typed.map((one) => one.typed));
    let [byTrigrams, closest, alike] = [0, 0, 0];
    typed.forEach((one, n) => {
      if (before[n]?.found.includes(one.meant)) byTrigrams += 1;
      if (lexicon.closest(one.typed, false).includes(one.meant)) closest += 1;
      if (lexicon.alike(one.typed).includes(one.meant)) alike += 1;
    });
    expect(typed.length).toBe(500);
    expect(byTrigrams / typed.length).toBeGreaterThan(0.9);
    expect(closest).toBeGreaterThanOrEqual(byTrigrams);
    expect(alike).toBeGreaterThanOrEqual(byTrigrams);
  });
});
