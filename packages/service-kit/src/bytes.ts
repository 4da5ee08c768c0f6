import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Dialect, preferredLanguage } from '@forecourt/dialects';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { newUuid } from './ids.ts';

/** What Node's parser takes of a request before its body: path, names and values of headers together. */
export const maxHeaderBytes = 8_192;

type ParserError = Error & { code?: string; rawPacket?: unknown };

const meanings: Readonly<Record<string, [ErrorCode, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request took too long to come.'],
};

const requestLine = /^[A-Z]+ (?:https?:\/\/[^/ ]+)?(\/[^? ]*)/;

export interface BytesRefusal {
  /** Asked with the path where there is one to be seen: what is too large or too slow often began like any request. */
  dialectAt(path: string): Dialect;
  /** What every answer of this process says. */
  headers?: Readonly<Record<string, string>>;
  log: { info(facts: object, message: string): void };
}

/**
 * Answers bytes that Node's parser takes for no request, and hangs up. There is no request to be logged, so the line that
 * its id leads to is written here.
 */
export function refuseBytes(error: ParserError, socket: Duplex, { dialectAt, headers = {}, log }: BytesRefusal): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [code, message] = meanings[error.code ?? ''] ?? ['malformed_request', 'Not an HTTP request.'];
  const bytes = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1', 0, 2048) : '';
  const dialect = dialectAt(requestLine.exec(bytes)?.[1] ?? '/');
  const language = preferredLanguage(undefined, dialect.defaultLanguage);
  const requestId = newUuid();
  const refusal = dialect.refuse(new AppError(code, message), { language, requestId });
  const text = refusal.body === undefined ? '' : JSON.stringify(refusal.body);
  const head = {
    connection: 'close',
    ...headers,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(text && { 'content-type': 'application/json; charset=utf-8' }),
    ...refusal.headers,
    'content-language': language,
    'content-length': Buffer.byteLength(text),
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  log.info({ requestId, code, parser: error.code }, 'bytes that are no request');
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join('')}\r\n${text}`);
}
