import { languages } from '@forecourt/dialects';
import { describe, expect, test } from 'vitest';
import { purposes } from '../code/code.ts';
import { plainText } from './message.ts';
import { write } from './words.ts';

const secrets = { uk: 'Нікому', ru: 'Никому', ka: 'არავის', mn: 'Хэнд ч', en: 'Do not tell' } as const;

describe.each(languages)('in %s', (language) => {
  test('a code has words for every purpose, in every channel, and the warning', () => {
    const letters = purposes.map((purpose) => write('code', language, { code: '123456', purpose }));
    for (const channel of ['sms', 'voice', 'email'] as const) {
      const texts = letters.map((letter) => plainText(letter, channel));
      expect(new Set(texts).size).toBe(purposes.length);
      for (const text of texts) expect(text).toContain(secrets[language]);
    }
    expect(new Set(letters.map(({ subject }) => subject)).size).toBe(purposes.length);
  });

  test.each(purposes)('the SMS for %s holds the code once and fits one segment of any alphabet', (purpose) => {
    const text = plainText(write('code', language, { code: '12345678', purpose }), 'sms');
    expect(text.match(/12345678/g)).toHaveLength(1);
    // The Latin letters of GSM 7-bit have 160 places, all others 70.
    expect(text.length).toBeLessThanOrEqual(/^[\x20-\x7e]*$/.test(text) ? 160 : 70);
  });

  test('a call reads the code digit by digit, twice', () => {
    const text = plainText(write('code', language, { code: '9051', purpose: 'sign_in' }), 'voice');
    expect(text.match(/9, 0, 5, 1\./g)).toHaveLength(2);
    expect(text).not.toContain('9051');
  });

  test('a mail has the code in a line of its own, and not in its subject', () => {
    const { subject, paragraphs } = write('code', language, { code: '123456', purpose: 'restore' });
    expect(subject).not.toContain('123456');
    expect(paragraphs).toContain('123456');
  });
});
