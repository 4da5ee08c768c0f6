import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { headerOf, type Message, withBody, withHeader } from '../wire/message.ts';
import type { Breakage } from './breakage.ts';

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const manyKeys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',')}}`;

/** Instead of the document. */
const replacements: Readonly<Record<string, string | Buffer>> = {
  empty: '',
  blank: ' ',
  'open-brace': '{',
  'empty-object': '{}',
  'empty-array': '[]',
  null: 'null',
  number: '1',
  text: '"x"',
  'only-mark': byteOrderMark,
  'nan-literal': '{"a":NaN}',
  'infinity-literal': '{"a":-Infinity}',
  'single-quotes': "{'a':1}",
  'unquoted-name': '{a:1}',
  'raw-control': '{"a":"\u0001"}',
  'bad-escape': '{"a":"\\x41"}',
  'cut-escape': '{"a":"\\u00',
  'deep-arrays-100k': nested('[', ']', 100_000),
  'deep-arrays-30k': nested('[', ']', 30_000),
  'deep-objects-8k': `${'{"a":'.repeat(8000)}1${'}'.repeat(8000)}`,
  'unclosed-30k': '['.repeat(30_000),
  'keys-100k': manyKeys(100_000),
  'keys-5k': manyKeys(5000),
  'quotes-60k': '"'.repeat(60_000),
  'backslashes-60k': `"${'\\'.repeat(60_000)}`,
  'invalid-utf8': Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc3, 0x28, 0x22, 0x7d]),
  'overlong-utf8': Buffer.from([0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
  'surrogate-utf8': Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]),
  'form-fields': 'a=1&b=2',
  xml: '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
};

/** From the document, when it is an object. */
const rewritings: Readonly<Record<string, (text: string) => string | Buffer>> = {
  'mark-before': (text) => Buffer.concat([byteOrderMark, Buffer.from(text)]),
  'two-marks': (text) => Buffer.concat([byteOrderMark, byteOrderMark, Buffer.from(text)]),
  'trailing-comma': (text) => text.replace(/\}$/, ',}'),
  comment: (text) => `/* a */${text}`,
  'trailing-garbage': (text) => `${text}x`,
  twice: (text) => text + text,
  cut: (text) => text.slice(0, -1),
  'duplicate-names': (text) => text.replace(/^\{("(?:[^"\\]|\\.)*":)/, '{$10,$1'),
  proto: (text) => text.replace(/^\{/, '{"__proto__":{"role":"operator"},').replace(',}', '}'),
  'escaped-proto': (text) => text.replace(/^\{/, '{"\\u005f_proto__":{"role":"operator"},').replace(',}', '}'),
  'constructor-name': (text) =>
    text.replace(/^\{/, '{"constructor":{"prototype":{"role":"operator"}},').replace(',}', '}'),
  'utf16-le': (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'utf16-be': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
  'latin-1': (text) => Buffer.from(`${text.slice(0, -1)},"é":1}`, 'latin1'),
  'just-over-64k': (text) => text.padEnd(65_537, ' '),
  'just-64k': (text) => text.padEnd(65_536, ' '),
  'over-512k': (text) => text.padEnd(512 * 1024 + 1, ' '),
  '1100k': (text) => text.padEnd(1_153_434, ' '),
};

const bomb = gzipSync(Buffer.alloc(10_000_000, 0x20));

/** The same document in a coding that was never offered, or framed otherwise. */
const codings: Readonly<Record<string, (message: Message) => Message>> = {
  gzip: (message) => coded(message, 'gzip', gzipSync(message.body)),
  'gzip-bomb': (message) => coded(message, 'gzip', bomb),
  deflate: (message) => coded(message, 'deflate', deflateSync(message.body)),
  brotli: (message) => coded(message, 'br', brotliCompressSync(message.body)),
  'gzip-lie': (message) => withHeader(message, 'content-encoding', 'gzip'),
  identity: (message) => withHeader(message, 'content-encoding', 'identity'),
  'unknown-coding': (message) => withHeader(message, 'content-encoding', 'x-nonsense, gzip'),
  chunked: (message) => chunked(message, 7),
  'one-byte-chunks': (message) => chunked(message, 1),
};

const coded = (message: Message, coding: string, body: Buffer) =>
  withHeader(withBody(message, body), 'content-encoding', coding);

function chunked(message: Message, size: number): Message {
  const chunks: Buffer[] = [];
  for (let at = 0; at < message.body.length; at += size) {
    const chunk = message.body.subarray(at, at + size);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  const headers = message.headers.filter(([name]) => name.toLowerCase() !== 'content-length');
  const body = Buffer.concat([...chunks, Buffer.from('0\r\n\r\n')]);
  return { ...message, headers: [...headers, ['transfer-encoding', 'chunked']], body };
}

const broken = (kind: string, change: (message: Message) => Message): Breakage => ({
  place: 'document',
  kind: `document.${kind}`,
  // A body that is larger than what is taken is refused before it is read.
  mayHangUp: true,
  onMessage: (message) =>
    headerOf(message, 'content-type') === undefined
      ? withHeader(change(message), 'content-type', 'application/json')
      : change(message),
});

export const documentBreakages: readonly Breakage[] = [
  ...Object.entries(replacements).map(([kind, body]) =>
    broken(kind, (message) => withBody(message, Buffer.from(body))),
  ),
  ...Object.entries(rewritings).map(([kind, rewrite]) =>
    broken(kind, (message) => withBody(message, Buffer.from(rewrite(message.body.toString())))),
  ),
  ...Object.entries(codings).map(([kind, change]) => broken(kind, change)),
];

/** A call that takes no body gets one all the same. */
export const unwantedBodies: readonly Breakage[] = [
  broken('unwanted', (message) => withBody(message, Buffer.from('{"a":1}'))),
  broken('unwanted-text', (message) =>
    withHeader(withBody(message, Buffer.from('hello')), 'content-type', 'text/plain'),
  ),
  broken('unwanted-70k', (message) => withBody(message, Buffer.alloc(70_000, 0x20))),
  broken('declared-empty', (message) => withBody(message, Buffer.alloc(0))),
  broken('deep-arrays-30k', (message) => withBody(message, Buffer.from(nested('[', ']', 30_000)))),
];
