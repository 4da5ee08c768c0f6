import { createHash } from 'node:crypto';
import { type Language, languages } from '@forecourt/dialects';
import { countries as dialling } from 'countries-list';
import en from 'i18n-iso-countries/langs/en.json' with { type: 'json' };
import ka from 'i18n-iso-countries/langs/ka.json' with { type: 'json' };
import mn from 'i18n-iso-countries/langs/mn.json' with { type: 'json' };
import ru from 'i18n-iso-countries/langs/ru.json' with { type: 'json' };
import uk from 'i18n-iso-countries/langs/uk.json' with { type: 'json' };
import { getCountryCallingCode, getExampleNumber, isSupportedCountry } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { z } from 'zod';

export const CountriesBody = z.array(
  z
    .strictObject({
      name: z.string().meta({ description: 'In the language of the request.' }),
      isoCode: z.string().meta({ description: 'ISO 3166-1 alpha-2.' }),
      phoneCode: z.string().meta({ description: 'Digits, without a plus.' }),
      phoneMask: z
        .string()
        .optional()
        .meta({ description: 'A mobile number after the phone code, a # for each digit; where there are any.' }),
    })
    .meta({ id: 'MobileCountry' }),
);
type CountryBody = z.infer<typeof CountriesBody>[number];

/** A country has one name or several, the official one first. */
const names: Readonly<Record<Language, Readonly<Record<string, string | readonly string[]>>>> = {
  uk: uk.countries,
  ru: ru.countries,
  ka: ka.countries,
  mn: mn.countries,
  en: en.countries,
};

export interface CountryList {
  readonly body: string;
  readonly etag: string;
}

/** The list of each language, written once: it changes with a release. */
export function createCountryLists(): Readonly<Record<Language, CountryList>> {
  const codes = Object.keys(names.en).map((isoCode) => ({ isoCode, ...phoneOf(isoCode) }));
  const listIn = (language: Language): CountryList => {
    const body = JSON.stringify(countriesIn(language, codes));
    return { body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
  };
  return Object.fromEntries(languages.map((language) => [language, listIn(language)])) as Record<Language, CountryList>;
}

function countriesIn(language: Language, codes: readonly Omit<CountryBody, 'name'>[]): readonly CountryBody[] {
  const { compare } = new Intl.Collator(language);
  return codes
    .map(({ isoCode, ...phone }) => ({
      name: [names[language][isoCode] ?? isoCode].flat()[0] as string,
      isoCode,
      ...phone,
    }))
    .sort((a, b) => compare(a.name, b.name));
}

/** Islands where nobody lives have a code, and no number that could be shown. */
function phoneOf(isoCode: string): Pick<CountryBody, 'phoneCode' | 'phoneMask'> {
  if (!isSupportedCountry(isoCode)) {
    const code = dialling[isoCode as keyof typeof dialling]?.phone[0];
    if (code === undefined) throw new Error(`no phone code is known of ${isoCode}`);
    return { phoneCode: String(code) };
  }
  const phoneCode = getCountryCallingCode(isoCode);
  const example = getExampleNumber(isoCode, examples)?.formatInternational();
  if (example === undefined) return { phoneCode };
  return { phoneCode, phoneMask: example.replace(`+${phoneCode} `, '').replaceAll(/\d/g, '#') };
}
