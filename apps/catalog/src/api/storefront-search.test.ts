import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCatalog, type CatalogSystem } from '../../test/builders.ts';
import { changeCategory } from '../category/service.ts';
import { changeManufacturer } from '../manufacturer/service.ts';

let catalog: CatalogSystem;
const ids: Record<string, string> = {};

beforeAll(async () => {
  catalog = await aCatalog();
  const maker = await catalog.aManufacturer({ uk: 'Дніпродент', ru: 'Днепродент', en: 'Dniprodent' });
  const burs = await catalog.aCategory({ name: { uk: 'Алмазні бори', ru: 'Алмазные боры', en: 'Diamond burs' } });
  const add = async (name: string, fields: Parameters<CatalogSystem['aProduct']>[0]) => {
    ids[name] = (await catalog.aProduct(fields)).id;
  };
  await add('composite', {
    title: { uk: 'Композит світлотвердний', ru: 'Композит светоотверждаемый', en: 'Light-curing composite' },
    description: { uk: 'Для реставрації зубів', ru: 'Для реставрации зубов', en: 'For restoring teeth' },
    options: [{ name: 'shade', values: ['A3.5'] }],
  });
  await add('bur', {
    sku: 'DND-DB-801',
    title: { uk: 'Бор кулька', ru: 'Бор шар', en: 'Round bur' },
    categoryId: burs.id,
    manufacturerId: maker.id,
  });
  await add('flame', { title: { uk: 'Бор «полум’я»', ru: 'Бор «пламя»', en: 'Flame bur' }, categoryId: burs.id });
  await add('gloves', {
    title: { uk: 'Рукавички нітрилові', ru: 'Перчатки нитриловые', en: 'Nitrile gloves' },
    tags: ['захист'],
  });
  await add('brush', { title: { uk: 'Щітка їжачок', ru: 'Щётка ёжик', en: 'Brush' } });
  await add('mention', {
    title: { uk: 'Полір', ru: null, en: null },
    description: { uk: 'Після рукавичок тощо', ru: null, en: null },
  });
});
afterAll(() => catalog.runtime.close());

const search = async (q: string, rest = '') => {
  const response = await catalog.app.inject(`/products?q=${encodeURIComponent(q)}${rest}`);
  expect(response.statusCode, response.body).toBe(200);
  const { items, total, fuzzy } = response.json<{ items: { id: string }[]; total: number; fuzzy?: true }>();
  const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
  return { names: items.map(({ id }) => names.get(id)), total, fuzzy };
};

describe('in any language, case and form', () => {
  test.each([
    ['композит', 'composite'],
    ['КОМПОЗИТИ', 'composite'],
    ['композитов', 'composite'],
    ['composites', 'composite'],
    ['curing composite', 'composite'],
    ['світлотвердних', 'composite'],
    ['светоотверждаемые', 'composite'],
    ['реставрація зубів', 'composite'],
    ['А3.5', undefined], // a Cyrillic А
    ['A3.5', 'composite'],
    ['перчатки', 'gloves'],
    ['glove nitrile', 'gloves'],
    ['захист', 'gloves'],
    ['нитриловые рукавички', 'gloves'],
    ['щетка', 'brush'],
    ['щётка', 'brush'],
    ['ёжик', 'brush'],
    ['еж', 'brush'],
    ["полум'я", 'flame'],
    ['полумʼя', 'flame'],
    ['кулька дніпродент', 'bur'],
    ['днепродент', 'bur'],
    ['алмазные шар', 'bur'],
    ['DND-DB-801', 'bur'],
    ['dnddb801', 'bur'],
  ])('%s finds it', async (q, name) => {
    const { names, fuzzy } = await search(q);
    if (name === undefined) return;
    expect(names[0]).toBe(name);
    expect(fuzzy).toBeUndefined();
  });
});

test.each([
  ['ком', 'composite'],
  ['бор кул', 'bur'],
  ['nitr', 'gloves'],
  ['б', 'bur'],
])('%s: the last word may be unfinished', async (q, name) => {
  const { names, fuzzy } = await search(q);
  expect(names).toContain(name);
  expect(fuzzy).toBeUndefined();
});

test('every word must be there', async () => {
  expect((await search('бор нітриловий')).names).toEqual([]);
});

test('a title counts more than a description', async () => {
  expect((await search('рукавички')).names).toEqual(['gloves', 'mention']);
});

test('search goes together with filters and sorts', async () => {
  expect((await search('бор', '&sort=title&limit=1')).total).toBe(2);
  expect((await search('бор', '&priceFrom=1000000')).total).toBe(0);
});

describe('typos', () => {
  test.each([
    ['компазит', 'composite'],
    ['копмозит', 'composite'],
    ['композитт', 'composite'],
    ['omposite', 'composite'],
    ['рукавчики', 'gloves'],
    ['перчатик', 'gloves'],
    ['glvoes', 'gloves'],
    ['дніпроднет', 'bur'],
    ['нітриолві рукавиччки', 'gloves'],
  ])('%s is understood, and said to be', async (q, name) => {
    const { names, fuzzy } = await search(q);
    expect(names[0]).toBe(name);
    expect(fuzzy).toBe(true);
  });

  test('a word that is like nothing finds nothing', async () => {
    expect(await search('квазигіперболоїд')).toEqual({ names: [], total: 0, fuzzy: undefined });
    expect((await search('композит квазигіперболоїд')).total).toBe(0);
  });

  test('words that are there are never taken for others', async () => {
    expect((await search('бор')).fuzzy).toBeUndefined();
  });
});

test.each([
  '%',
  '_',
  '&',
  '!',
  '|',
  "'",
  '"',
  '\\',
  ':*',
  '()',
  '<->',
  '日本',
  '🦷',
  "a' OR 1=1 --",
  'бор & !кулька',
  '   ',
])('%j is only ever a question', async (q) => {
  const response = await catalog.app.inject(`/products?q=${encodeURIComponent(q)}`);
  expect(response.statusCode).toBe(200);
});

test('renaming a manufacturer or a category changes what finds its products', async () => {
  const maker = await catalog.aManufacturer({ uk: 'Стара Назва', ru: null, en: null });
  const category = await catalog.aCategory({ name: { uk: 'Давня рубрика', ru: null, en: null } });
  await catalog.aProduct({
    title: { uk: 'Ложка', ru: null, en: null },
    manufacturerId: maker.id,
    categoryId: category.id,
  });
  const who = { actor: 'test', expectedVersion: undefined };
  await changeManufacturer(catalog.deps, maker.id, () => ({ name: { uk: 'Зовсім Інша', ru: null, en: null } }), who);
  await changeCategory(catalog.deps, category.id, () => ({ name: { uk: 'Свіжа полиця', ru: null, en: null } }), who);
  expect((await search('ложка зовсім інша')).total).toBe(1);
  expect((await search('ложка свіжа полиця')).total).toBe(1);
  expect((await search('ложка давня')).total).toBe(0);
});
