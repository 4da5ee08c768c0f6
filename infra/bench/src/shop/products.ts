import { draw, randomOf } from './random.ts';

/** A catalogue of any size that is the same in every run with the same seed. */
export interface BenchProduct {
  n: number;
  sku: string;
  slug: string;
  title: { uk: string; ru: string; en: string };
  description: string;
  /** Hundredths. */
  price: number;
  unit: string;
  category: string;
  manufacturer: string;
  country: string;
  tags: string[];
  /** How many there are; null: not counted. */
  stock: number | null;
}

const kinds = [
  ['Бор', 'Бор', 'Bur'],
  ['Композит', 'Композит', 'Composite'],
  ['Цемент', 'Цемент', 'Cement'],
  ['Наконечник', 'Наконечник', 'Handpiece'],
  ['Рукавички', 'Перчатки', 'Gloves'],
  ['Маска', 'Маска', 'Mask'],
  ['Голка', 'Игла', 'Needle'],
  ['Адгезив', 'Адгезив', 'Adhesive'],
  ['Відбитковий матеріал', 'Слепочный материал', 'Impression material'],
  ['Пінцет', 'Пинцет', 'Tweezers'],
  ['Дзеркало', 'Зеркало', 'Mirror'],
  ['Матриця', 'Матрица', 'Matrix'],
  ['Ендофайл', 'Эндофайл', 'Endofile'],
  ['Штифт', 'Штифт', 'Post'],
  ['Полір', 'Полир', 'Polisher'],
  ['Віск', 'Воск', 'Wax'],
  ['Гіпс', 'Гипс', 'Plaster'],
  ['Лампа', 'Лампа', 'Lamp'],
  ['Скейлер', 'Скейлер', 'Scaler'],
  ['Брекет', 'Брекет', 'Bracket'],
] as const;

const makers = [
  'Tokuvama',
  'Dentsplai',
  'Ivokler',
  'Kerro',
  'Vocco',
  'Shofuu',
  'Meisenger',
  'Kometta',
  'Gerreus',
  'Septodon',
  'Zermakk',
  'Ultradentt',
  'Bisko',
  'Kulzerr',
  'Mikerium',
  'Stomadent',
  'Latusia',
  'Geosofft',
  'Angelius',
  'Pentronn',
  'Coltenne',
  'Hahnenkrat',
  'Edelwais',
  'Medentta',
  'Asaa',
  'Nordin',
  'Premierr',
  'Garrison',
  'Polydentia',
  'Sultann',
];
const countries = [
  { code: 'JP', name: 'Японія' },
  { code: 'DE', name: 'Німеччина' },
  { code: 'IT', name: 'Італія' },
  { code: 'FR', name: 'Франція' },
  { code: 'UA', name: 'Україна' },
  { code: 'PL', name: 'Польща' },
  { code: 'CH', name: 'Швейцарія' },
  { code: 'AT', name: 'Австрія' },
  { code: 'BR', name: 'Бразилія' },
  { code: 'KR', name: 'Корея' },
] as const;
const traits = [
  ['алмазний', 'алмазный', 'diamond'],
  ['світлотвердіючий', 'светоотверждаемый', 'light-curing'],
  ['універсальний', 'универсальный', 'universal'],
  ['нітриловий', 'нитриловый', 'nitrile'],
  ['титановий', 'титановый', 'titanium'],
  ['стерильний', 'стерильный', 'sterile'],
  ['текучий', 'текучий', 'flowable'],
  ['керамічний', 'керамический', 'ceramic'],
] as const;

export const benchCategories = kinds.map((_, n) => `bench-kind-${n}`);
export const benchManufacturers = makers;
export const benchCountries = countries;
export const categoryTitle = (category: string): string => kinds[Number(category.split('-').at(-1))]?.[0] ?? category;

/** Some categories and makers are far larger than others, prices lean to the cheap, and three of four products are counted. */
export function benchProduct(n: number, seed: number): BenchProduct {
  const random = randomOf('product', seed, n);
  const kindAt = Math.floor(kinds.length * random() ** 1.6);
  const kind = kinds[kindAt] as (typeof kinds)[number];
  const trait = draw(traits, random);
  const maker = draw(makers, random, 1.6);
  const code = `${draw(['FG', 'RA', 'HP', 'XL', 'S', 'M'], random)}${100 + n}`;
  const title = (language: 0 | 1 | 2) => `${kind[language]} ${trait[language]} ${maker} ${code}`;
  return {
    n,
    sku: `BENCH-${String(n).padStart(6, '0')}`,
    slug: benchSlug(n),
    title: { uk: title(0), ru: title(1), en: title(2) },
    description: `${kind[0]} ${trait[0]} для щоденної роботи лікаря. Виробник ${maker}, упаковка ${1 + Math.floor(50 * random())} шт.`,
    price: 1000 + Math.floor(500_000 * random() ** 3),
    unit: 'шт',
    category: benchCategories[kindAt] as string,
    manufacturer: maker,
    country: draw(countries, random, 1.6).code,
    tags: [draw(['hit', 'new', 'sale'], random), trait[2]],
    // Nobody empties a shelf in a run: what is measured is the counting, not the refusal.
    stock: random() < 0.75 ? 1_000_000 + n : null,
  };
}

export const benchSlug = (n: number): string => `bench-${String(n).padStart(6, '0')}`;

export const benchProducts = (from: number, to: number, seed: number): BenchProduct[] =>
  Array.from({ length: to - from }, (_, index) => benchProduct(from + index, seed));
