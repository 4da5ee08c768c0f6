import { type Message, withBody } from '../wire/message.ts';
import type { Breakage } from './breakage.ts';

const onTarget = (kind: string, change: (path: string, query: string) => string): Breakage => ({
  place: 'target',
  kind: `target.${kind}`,
  elsewhere: true,
  onMessage: (message) => {
    const [path = '', query] = message.target.split('?', 2);
    return { ...message, target: change(path, query === undefined ? '' : `?${query}`) };
  },
});

const last = /\/([^/]*)$/;

const targets: readonly Breakage[] = [
  onTarget('trailing-slash', (path, query) => `${path}/${query}`),
  onTarget('leading-slashes', (path, query) => `/${path}${query}`),
  onTarget('double-slash', (path, query) => path.replace(last, '//$1') + query),
  onTarget('encoded-slash', (path, query) => path.replace(last, '%2f$1') + query),
  onTarget('encoded-backslash', (path, query) => path.replace(last, '%5c$1') + query),
  onTarget('backslash', (path, query) => path.replace(last, '\\$1') + query),
  onTarget('nul', (path, query) => `${path}%00${query}`),
  onTarget('dot-dot', (path, query) => path.replace(last, '/../metrics') + query),
  onTarget('encoded-dot-dot', (path, query) => path.replace(last, '/%2e%2e/metrics') + query),
  onTarget('double-encoded', (path, query) => path.replace(last, '/%252e%252e/metrics') + query),
  onTarget('dot', (path, query) => path.replace(last, '/./$1') + query),
  onTarget('matrix', (path, query) => `${path};a=b${query}`),
  onTarget('upper-case', (path, query) => path.toUpperCase() + query),
  onTarget(
    'encoded-letter',
    (path, query) => path.replace(/^\/(.)/, (_, sign) => `/%${sign.charCodeAt(0).toString(16)}`) + query,
  ),
  onTarget('extension', (path, query) => `${path}.json${query}`),
  onTarget('below', (path, query) => `${path}/below/it${query}`),
  onTarget('broken-escape', (path, query) => `${path}%E0%A4%A${query}`),
  onTarget('lone-percent', (path, query) => `${path}%${query}`),
  onTarget('high-bytes', (path, query) => `${path}\xff\xfe${query}`),
  onTarget('long-segment', (path, query) => `${path}${'a'.repeat(600)}${query}`),
  onTarget('long-path', (path, query) => `${path}${'/a'.repeat(3000)}${query}`),
  onTarget('over-long-path', (path, query) => `${path}${'/a'.repeat(9000)}${query}`),
  onTarget('absolute', (path, query) => `http://evil.example${path}${query}`),
  onTarget('absolute-https', (path, query) => `https://user:secret@evil.example:1${path}${query}`),
  onTarget('other-scheme', (path) => `file://${path}`),
  onTarget('asterisk', () => '*'),
  onTarget('no-slash', (path) => path.slice(1)),
  onTarget('fragment', (path, query) => `${path}${query}#fragment`),
  onTarget('empty-query', (path) => `${path}?`),
  onTarget('odd-query', (path) => `${path}?&&==&=a&a=&%00=%00`),
  onTarget('unknown-query', (path, query) => `${path}${query === '' ? '?' : `${query}&`}nonsense=1`),
  onTarget('prototype-query', (path) => `${path}?__proto__[a]=1&constructor[prototype][a]=1&__proto__=1`),
  onTarget('nested-query', (path) => `${path}?a${'[b]'.repeat(500)}=1`),
  onTarget('many-parameters', (path) => `${path}?${'a=1&'.repeat(1800)}`),
  onTarget('many-arrays', (path) => `${path}?${'limit[]=1&'.repeat(700)}`),
  onTarget('long-query', (path) => `${path}?q=${'a'.repeat(7000)}`),
  onTarget('over-long-query', (path) => `${path}?q=${'a'.repeat(17_000)}`),
  onTarget('question-marks', (path) => `${path}???`),
];

const methods: readonly Breakage[] = [
  'HEAD',
  'OPTIONS',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'TRACE',
  'PROPFIND',
  'QUERY',
  'get',
  'NONSENSE',
  'CONNECT',
].map((method) => ({
  place: 'method',
  kind: `method.${method}`,
  elsewhere: true,
  // Node hangs up on it: there is no tunnel to be had here.
  ...(method === 'CONNECT' && { mayHangUp: true }),
  onMessage: (message: Message) => ({ ...message, method }),
}));

const emptyPost: Breakage = {
  place: 'method',
  kind: 'method.POST-of-nothing',
  elsewhere: true,
  onMessage: (message) => withBody({ ...message, method: 'POST' }, Buffer.alloc(0)),
};

export const targetBreakages: readonly Breakage[] = [...targets, ...methods, emptyPost];
