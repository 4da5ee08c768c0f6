import { z } from 'zod';

export interface TextRule {
  /** Characters after trimming and normalisation; 0 allows an empty text. */
  min?: number;
  max: number;
  /** Cut white space at both ends (default); `false` for passwords, which are taken as typed. */
  trim?: boolean;
  /** Let line breaks and tabs pass, for texts of several lines. */
  multiline?: boolean;
}

// Cc is NUL, escapes and the C1 block; U+2028 and U+2029 are line breaks to JavaScript and to logs.
const control = /[\p{Cc}\u2028\u2029]/u;
const controlButLines = /[^\P{Cc}\n\r\t]/u;

/**
 * A text from outside: NFC, so that equal looks are equal bytes, and without what Postgres or a log would choke on: NUL
 * and other control characters, lone surrogates. Lengths are counted in code units after that.
 */
export function text({ min = 0, max, trim = true, multiline = false }: TextRule) {
  const safe = z.string().refine((value) => isSafe(value, multiline), { abort: true, params: { rule: 'unsafe_text' } });
  const normal = (trim ? safe.trim() : safe).normalize('NFC');
  return min > 0 ? normal.min(min).max(max) : normal.max(max);
}

const isSafe = (value: string, multiline: boolean) =>
  value.isWellFormed() && !(multiline ? controlButLines : control).test(value);
