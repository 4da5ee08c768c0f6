import type { Language } from '@forecourt/dialects';

/** A text in the catalogue's languages. Ukrainian is the one that is always there. */
export interface Translations {
  readonly uk: string;
  readonly ru: string | null;
  readonly en: string | null;
}

/** The languages that the catalogue is written in; whoever asks for another reads Ukrainian. */
export type CatalogueLanguage = keyof Translations;

export const catalogueLanguage = (language: Language): CatalogueLanguage =>
  language === 'ru' || language === 'en' ? language : 'uk';

export const inLanguage = (text: Translations, language: CatalogueLanguage): string => text[language] ?? text.uk;
