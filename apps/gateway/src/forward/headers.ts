import type { IncomingHttpHeaders } from 'node:http';
import { sessionCookie } from '@forecourt/contracts';
import { withoutCookie } from '@forecourt/service-kit';

/** Meant for one connection only (RFC 9110, 7.6.1), or answered by Node itself. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

const notForServices = new Set([
  ...hopByHop,
  'content-length',
  'expect',
  'host',
  'http2-settings',
  // exchanged for a token here, and nobody else's business
  'authentication',
  // said by us, never by a stranger
  'baggage',
  'forwarded',
  'traceparent',
  'tracestate',
  'true-client-ip',
  'x-client-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
]);

const ourWords = /^x-(?:user|internal|forwarded)(?:-|$)/;

/** What the gateway vouches for about a request. */
export interface Provenance {
  readonly requestId: string;
  readonly traceparent: string;
  readonly address: string;
  readonly protocol: string;
  readonly host: string;
  /** What its credential was exchanged for. */
  readonly accessToken?: string | undefined;
}

/**
 * A client's headers as a service may see them, name and value in turn. Names with an underscore are dropped whole:
 * many frameworks read `x_user_id` as `x-user-id`.
 */
export function toService(
  headers: IncomingHttpHeaders,
  { requestId, traceparent, address, protocol, host, accessToken }: Provenance,
): string[] {
  const named = namedByConnection(headers.connection);
  const passed: string[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || notForServices.has(name) || name.includes('_') || named?.has(name)) continue;
    if (name.startsWith('x-') && ourWords.test(name)) continue;
    if (name === 'authorization' && accessToken !== undefined) continue;
    if (name === 'cookie') {
      const rest = cookiesFor(value as string);
      if (rest !== undefined) passed.push(name, rest);
      continue;
    }
    for (const one of typeof value === 'string' ? [value] : value) passed.push(name, one);
  }
  if (accessToken !== undefined) passed.push('authorization', `Bearer ${accessToken}`);
  passed.push('x-request-id', requestId, 'traceparent', traceparent);
  passed.push('x-forwarded-for', address, 'x-forwarded-proto', protocol, 'x-forwarded-host', host);
  return passed;
}

/** What is exchanged for a token here is nobody else's business; the others go on letter by letter. */
const cookiesFor = (header: string): string | undefined =>
  header.includes(sessionCookie) ? withoutCookie(header, sessionCookie) : header;

/** Headers of this connection alone, which the other side never sees; undefined for what nearly everybody sends. */
export function namedByConnection(connection: string | undefined): Set<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

const notForClients = new Set([
  ...hopByHop,
  'date',
  'server',
  'x-powered-by',
  'x-request-id',
  // the gateway's own, the same on every answer
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
]);

const internalWords = /^(?:x-internal-|access-control-)/;
const beyondLatin1 = /[^\0-\xff]/;

/** A service's headers as a client may see them. `vary` is left to the caller, who has reasons of its own to vary. */
export function toClient(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const named = namedByConnection(headers.connection as string | undefined);
  const passed: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || notForClients.has(name) || internalWords.test(name) || named?.has(name)) continue;
    passed[name] = typeof value === 'string' ? asSent(value) : value.map(asSent);
  }
  return passed;
}

/** The bytes as they came; Node writes headers as Latin-1 and refuses anything else. */
const asSent = (value: string): string =>
  beyondLatin1.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : value;
