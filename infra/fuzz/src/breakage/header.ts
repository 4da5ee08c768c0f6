import { asLatin1, type Header, type Message, withHeader } from '../wire/message.ts';
import type { Breakage } from './breakage.ts';

const set = (kind: string, name: string, value: string): Breakage => ({
  place: `header.${name}`,
  kind: `header.${kind}`,
  onMessage: (message) => withHeader(message, name, value),
});

const add = (place: string, kind: string, headers: (message: Message) => readonly Header[]): Breakage => ({
  place: `header.${place}`,
  kind: `header.${kind}`,
  onMessage: (message) => ({ ...message, headers: [...message.headers, ...headers(message)] }),
});

const drop = (kind: string, name: string): Breakage => ({
  place: `header.${name}`,
  kind: `header.${kind}`,
  onMessage: (message) => ({ ...message, headers: message.headers.filter(([given]) => given !== name) }),
});

const contentTypes: Readonly<Record<string, string>> = {
  'type-tab': 'application/json\t',
  'type-tab-after-semicolon': 'application/json;\tcharset=utf-8',
  'type-space-before-semicolon': 'application/json ; charset=utf-8',
  'type-semicolon': 'application/json;',
  'type-case': 'APPLICATION/JSON',
  'type-charset-utf-7': 'application/json; charset=utf-7',
  'type-charset-utf-16': 'application/json; charset=utf-16le',
  'type-charset-twice': 'application/json; charset=utf-8; charset=utf-16',
  'type-multipart': 'multipart/form-data; boundary=x',
  'type-form': 'application/x-www-form-urlencoded',
  'type-text': 'text/plain',
  'type-csv': 'text/csv',
  'type-lines': 'application/x-ndjson',
  'type-merge-patch': 'application/merge-patch+json',
  'type-prefix': 'application/jsonx',
  'type-list': 'application/json, text/plain',
  'type-nonsense': '/;,=',
  'type-empty': '',
  'type-long': `application/json; a=${'x'.repeat(4000)}`,
};

const unsignedToken = [
  { alg: 'none', typ: 'JWT' },
  { sub: '65f1a2b3c4d5e6f7a8b9c0d1', roles: ['operator'], exp: 4e9 },
]
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.');

const authorizations: Readonly<Record<string, string>> = {
  'auth-empty': '',
  'auth-scheme-only': 'Bearer',
  'auth-garbage': 'Bearer nonsense',
  'auth-two-spaces': 'Bearer  nonsense',
  'auth-lower-case': 'bearer nonsense',
  'auth-basic': 'Basic b3BlcmF0b3I6b3BlcmF0b3I=',
  'auth-8k': `Bearer ${'a'.repeat(7000)}`,
  'auth-unsigned': `Bearer ${unsignedToken}.`,
  'auth-dots': 'Bearer ...',
  'auth-huge-header': `Bearer ${'e30'.repeat(1200)}.e30.e30`,
  'auth-list': 'Bearer a, Bearer b',
};

const hostnames: Readonly<Record<string, string>> = {
  'host-evil': 'evil.example',
  'host-empty': '',
  'host-port': 'localhost:99999',
  'host-path': 'localhost/metrics',
  'host-credentials': 'user:secret@localhost',
};

const ordinary: readonly (readonly [kind: string, name: string, value: string])[] = [
  ['forwarded-for-list', 'x-forwarded-for', '203.0.113.1, 10.0.0.1, ::1, unknown'],
  ['forwarded-for-garbage', 'x-forwarded-for', "'; DROP TABLE throttle; --"],
  ['forwarded-for-long', 'x-forwarded-for', '203.0.113.1, '.repeat(300)],
  ['forwarded-proto', 'x-forwarded-proto', 'javascript'],
  ['forwarded-host', 'x-forwarded-host', 'evil.example'],
  ['forwarded', 'forwarded', 'for="[2001:db8::1]";host=evil;proto=https'],
  ['user-id', 'x-user-id', '65f1a2b3c4d5e6f7a8b9c0d1'],
  ['user-id-underscore', 'X_User_Id', '65f1a2b3c4d5e6f7a8b9c0d1'],
  ['user-roles', 'x-user-roles', 'operator'],
  ['internal', 'x-internal-customer', '1'],
  ['method-override', 'x-http-method-override', 'DELETE'],
  ['original-url', 'x-original-url', '/metrics'],
  ['request-id-injection', 'x-request-id', 'a"}{"level":60'],
  ['request-id-long', 'x-request-id', 'a'.repeat(500)],
  ['traceparent-garbage', 'traceparent', '00-zz-zz-zz'],
  ['origin-null', 'origin', 'null'],
  ['origin-evil', 'origin', 'https://evil.example'],
  ['range', 'range', 'bytes=0-1,5-9,-1'],
  ['if-match-none', 'if-none-match', '*'],
  ['if-match-long', 'if-none-match', '"a", '.repeat(500)],
  ['if-match-cut', 'if-none-match', 'W/"'],
  ['if-modified-garbage', 'if-modified-since', 'yesterday'],
  ['accept-nothing', 'accept', 'image/webp;q=0'],
  ['accept-encoding', 'accept-encoding', 'gzip;q=0, *;q=0'],
  ['language-garbage', 'accept-language', ';;;q=9,=,*-*,uk;q=-1'],
  ['language-long', 'accept-language', 'xx-YY;q=0.1,'.repeat(300)],
  ['language-star', 'accept-language', '*'],
  ['user-agent-long', 'user-agent', 'a'.repeat(3000)],
  ['cookie-long', 'cookie', `session=${'a'.repeat(4000)}`],
  ['cookie-garbage', 'cookie', ';;=;__proto__=1;a'],
  ['connection-names', 'connection', 'authorization, x-request-id, content-length'],
  ['connection-close', 'connection', 'close'],
  ['te-trailers', 'te', 'trailers'],
  ['upgrade-h2c', 'upgrade', 'h2c'],
  ['unicode', 'x-anything', asLatin1('Іван')],
  ['high-bytes', 'x-anything', '\xff\xfe\x80'],
  ['tab-inside', 'x-anything', 'a\tb'],
  ['control', 'x-anything', 'a\u0001b'],
  ['nul', 'x-anything', 'a\u0000b'],
  ['delete-sign', 'x-anything', 'a\u007fb'],
  ['one-4k', 'x-anything', 'a'.repeat(4096)],
  ['one-7k', 'x-anything', 'a'.repeat(7000)],
  ['one-9k', 'x-anything', 'a'.repeat(9000)],
  ['one-12k', 'x-anything', 'a'.repeat(12_000)],
  ['one-15k', 'x-anything', 'a'.repeat(15_000)],
  ['one-17k', 'x-anything', 'a'.repeat(17_000)],
];

const keys: Readonly<Record<string, string>> = {
  'key-empty': '',
  'key-blank': '   ',
  'key-129': 'k'.repeat(129),
  'key-256': 'k'.repeat(256),
  'key-unicode': asLatin1('ключ'),
  'key-one': 'k',
  'key-prototype': '__proto__',
};

const numbered = (count: number, value: string): Header[] =>
  Array.from({ length: count }, (_, index) => [`x-h${index}`, value] as const);

export const headerBreakages: readonly Breakage[] = [
  ...Object.entries(contentTypes).map(([kind, value]) => set(kind, 'content-type', value)),
  drop('type-none', 'content-type'),
  add('content-type', 'type-twice', () => [['Content-Type', 'text/plain']]),
  ...Object.entries(authorizations).map(([kind, value]) => set(kind, 'authorization', value)),
  add('authorization', 'auth-doubled', () => [['Authorization', 'Bearer nonsense']]),
  drop('auth-none', 'authorization'),
  ...Object.entries(hostnames).map(([kind, value]) => set(kind, 'host', value)),
  { ...drop('host-none', 'host'), elsewhere: true },
  { ...add('host', 'host-twice', () => [['Host', 'evil.example']]), elsewhere: true },
  ...ordinary.map(([kind, name, value]) => ({
    ...set(kind, name, value),
    ...(/nul|control|17k|delete-sign/.test(kind) && { elsewhere: true as const }),
  })),
  ...Object.entries(keys).map(([kind, value]) => set(kind, 'x-idempotency-key', value)),
  add('x-idempotency-key', 'key-twice', () => [
    ['X-Idempotency-Key', 'one-key-0001'],
    ['X-Idempotency-Key', 'two-key-0002'],
  ]),
  add('any', 'many-90', () => numbered(90, 'a')),
  add('any', 'many-200', () => numbered(200, 'a')),
  add('any', 'many-3000', () => numbered(3000, '')),
  { ...add('any', 'many-3000-full', () => numbered(3000, 'abcdef')), elsewhere: true },
  { ...set('expect-continue', 'expect', '100-continue') },
  { ...set('expect-nonsense', 'expect', 'a-miracle') },
];
