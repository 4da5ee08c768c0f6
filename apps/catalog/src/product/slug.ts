/** The official romanisation of Ukrainian (KMU resolution 55 of 2010), with Russian's own letters beside it. */
const romanised: Readonly<Record<string, string>> = {
  ...{
    а: 'a',
    б: 'b',
    в: 'v',
    г: 'h',
    ґ: 'g',
    д: 'd',
    е: 'e',
    є: 'ie',
    ж: 'zh',
    з: 'z',
    и: 'y',
    і: 'i',
    ї: 'i',
    й: 'i',
  },
  ...{ к: 'k', л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts' },
  ...{ ч: 'ch', ш: 'sh', щ: 'shch', ь: '', ю: 'iu', я: 'ia', ё: 'e', ы: 'y', э: 'e', ъ: '' },
};

const slugPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const maxSlugLength = 120;

const looksLikeAnId = /^[0-9a-f]{24}$/;

/** A slug is looked up where an id may stand too, so it must not look like one. */
export const isSlug = (text: string): boolean =>
  text.length <= maxSlugLength && slugPattern.test(text) && !looksLikeAnId.test(text);

/** `Композит Filtek Z250, шприц 4 г` → `kompozyt-filtek-z250-shpryts-4-h`. Empty when nothing can be romanised. */
export function slugOf(title: string): string {
  const letters = Array.from(title.normalize('NFC').toLowerCase(), (letter) => romanised[letter] ?? letter).join('');
  const slug = letters
    .replaceAll(/['ʼ’`]/gu, '')
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, maxSlugLength)
    .replaceAll(/^-|-$/g, '');
  return looksLikeAnId.test(slug) ? `p-${slug}` : slug;
}

/** Of a name in letters that cannot be romanised (三金), the id stands in. */
export const slugFor = (name: string, id: string): string => slugOf(name) || `x${id}`;

/** What to try in turn for a new product; the last one is nobody else's. */
export const slugCandidates = (title: string, sku: string, id: string): string[] => {
  const base = slugOf(title);
  const join = (...parts: string[]) => slugOf(parts.filter(Boolean).join('-'));
  const short = base.slice(0, maxSlugLength - 30);
  return [base, join(short, sku.slice(0, 28)), join(short, `p${id}`)].filter(Boolean);
};
