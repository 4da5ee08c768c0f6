import type { Violation } from '@forecourt/errors';
import type { Language } from '../language.ts';

const phrases = {
  missing: {
    uk: (name) => `Бракує обов’язкового параметра: ${name}`,
    ru: (name) => `Не указан обязательный параметр: ${name}`,
    ka: (name) => `აუცილებელი პარამეტრი არ არის მითითებული: ${name}`,
    mn: (name) => `Заавал байх параметр дутуу байна: ${name}`,
    en: (name) => `A required parameter is missing: ${name}`,
  },
  unknown: {
    uk: (name) => `Невідомий параметр: ${name}`,
    ru: (name) => `Неизвестный параметр: ${name}`,
    ka: (name) => `უცნობი პარამეტრი: ${name}`,
    mn: (name) => `Үл мэдэгдэх параметр: ${name}`,
    en: (name) => `There is no such parameter: ${name}`,
  },
  malformed: {
    uk: (name) => `Параметр має неправильний вигляд: ${name}`,
    ru: (name) => `Параметр имеет неверный вид: ${name}`,
    ka: (name) => `პარამეტრი არასწორი სახისაა: ${name}`,
    mn: (name) => `Параметрийн хэлбэр буруу байна: ${name}`,
    en: (name) => `This parameter is malformed: ${name}`,
  },
} satisfies Record<string, Record<Language, (name: string) => string>>;

/** Which parameter is wrong, by the document's name for it: `info.birthDate`. */
export function parameterPhrase({ path, rule }: Violation, language: Language): string {
  const kind = rule === 'required' ? 'missing' : rule === 'unknown_field' ? 'unknown' : 'malformed';
  return phrases[kind][language](path.join('.'));
}
