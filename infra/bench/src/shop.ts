/** A catalogue of any size that is the same in every run. */
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

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

export function benchProduct(n: number): BenchProduct {
  const kind = pick(kinds, n);
  const trait = pick(traits, Math.floor(n / kinds.length));
  const maker = pick(makers, n * 7 + Math.floor(n / 13));
  const code = `${pick(['FG', 'RA', 'HP', 'XL', 'S', 'M'], n)}${100 + n}`;
  const title = (language: 0 | 1 | 2) => `${kind[language]} ${trait[language]} ${maker} ${code}`;
  return {
    n,
    sku: `BENCH-${String(n).padStart(6, '0')}`,
    slug: `bench-${String(n).padStart(6, '0')}`,
    title: { uk: title(0), ru: title(1), en: title(2) },
    description: `${kind[0]} ${trait[0]} для щоденної роботи лікаря. Виробник ${maker}, упаковка ${1 + (n % 50)} шт.`,
    price: 1000 + ((n * 7919) % 500_000),
    unit: 'шт',
    category: pick(benchCategories, n),
    manufacturer: maker,
    country: pick(countries, n * 3).code,
    tags: [pick(['hit', 'new', 'sale'], n), pick(traits, n)[2]],
  };
}

export const benchProducts = (count: number): BenchProduct[] =>
  Array.from({ length: count }, (_, n) => benchProduct(n));

const kindAndMaker = (n: number) => ({
  kind: pick(kinds, n)[0].split(' ', 1)[0] ?? '',
  maker: pick(makers, n * 7 + Math.floor(n / 13)),
});

/** Words that find something: a kind and a maker, as buyers type. */
export function searchWords(n: number): string {
  const { kind, maker } = kindAndMaker(n);
  return `${kind} ${maker}`;
}

/** The same words, but for one wrong letter in the middle of the maker's name. */
export function misspelt(n: number): string {
  const { kind, maker } = kindAndMaker(n);
  const middle = Math.floor(maker.length / 2);
  return `${kind} ${maker.slice(0, middle)}x${maker.slice(middle + 1)}`;
}
