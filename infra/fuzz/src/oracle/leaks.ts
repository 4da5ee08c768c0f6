import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../../..');

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Words that only our own insides use. */
const insides: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a stack', /\n?\s+at (?:async )?[\w.<>$ []+\(?(?:file:|node:|\/)[^)]*:\d+:\d+/],
  ['a source file', /\.(?:ts|js|mjs|cjs):\d+(?::\d+)?/],
  ['a path of the machine', new RegExp(`${escaped(root)}|node_modules|/(?:usr|var|etc|proc|root)/\\w+/\\w`)],
  [
    'SQL',
    /\b(?:SELECT .{1,80} FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM) |syntax error at or near|violates \w+ constraint|relation "\w+"|duplicate key value/,
  ],
  // What is dialled looks like one, and stands beside what it costs.
  [
    'a database code',
    /\bSQLSTATE\b|(?<!"price":[\d.e+]{1,24},)"code":"(?:\d{5}|\d{2}[0-9A-Z]{3})"|PrismaClient|\bP2\d{3}\b/,
  ],
  [
    'an error of the runtime',
    /\bE(?:CONNREFUSED|CONNRESET|PIPE|NOENT|TIMEDOUT)\b|FST_ERR_|ERR_[A-Z]{3,}|HPE_|UND_ERR_|Cannot read propert|is not a function|Maximum call stack|Unexpected token|JSON at position/,
  ],
  ['a secret', /\$argon2|private_key|BEGIN (?:EC |RSA )?PRIVATE/],
  // Whoever is to go there is told so: to the broker, or to where one pays.
  [
    'an address inside',
    /(?<!"(?:servers|url)":"\w{2,5}:\/\/)\b(?:127\.0\.0\.1|localhost):\d{4,5}\b(?!.*reset-password)/,
  ],
];

const nameOfSecret = /"(?:password_hash|passwordHash)":/;

/** What a body tells about what runs behind it; a name that the caller came up with, and is refused, tells nothing. */
export const leaks = (text: string, said = ''): string[] => [
  ...insides.filter(([, pattern]) => pattern.test(text)).map(([what]) => what),
  ...(nameOfSecret.test(text) && !nameOfSecret.test(said) ? ['the name of a secret'] : []),
];
