export const languages = ['uk', 'ru', 'ka', 'mn', 'en'] as const;
export type Language = (typeof languages)[number];

/**
 * The best match of an Accept-Language header (RFC 9110, 12.5.4) among our languages; the fallback when the header is
 * missing, asks for `*`, or for nothing that we speak.
 */
export function preferredLanguage(header: string | undefined, fallback: Language): Language {
  if (!header) return fallback;
  const wishes = header
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
      const q = parameters.map((p) => p.trim()).find((p) => p.startsWith('q='));
      return { tag: range.trim(), quality: q ? Number(q.slice(2)) : 1 };
    })
    .filter((wish) => wish.quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of wishes) {
    if (tag === '*') return fallback;
    const match = languages.find((language) => tag === language || tag.startsWith(`${language}-`));
    if (match) return match;
  }
  return fallback;
}
