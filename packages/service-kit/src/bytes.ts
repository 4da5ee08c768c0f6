import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Dialect, preferredLanguage } from '@forecourt/dialects';
import { AppError, type ErrorCode } from '@forecourt/errors';

/** What Node's parser takes of a request before its body: path, names and values of headers together. */
export const maxHeaderBytes = 8_192;

type ParserError = Error & { code?: string; rawPacket?: unknown };

const meanings: Readonly<Record<string, [ErrorCode, message: string]>> = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'The request took too long to come.'],
};

const requestLine = /^[A-Z]+ (?:https?:\/\/[^/ ]+)?(\/[^? ]*)/;

/**
 * Answers bytes that Node's parser takes for no request, and hangs up. `dialectAt` is asked with the path where there is
 * one to be seen: what is too large or too slow often began as a request like any other.
 */
export function refuseBytes(error: ParserError, socket: Duplex, dialectAt: (path: string) => Dialect): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [code, message] = meanings[error.code ?? ''] ?? ['malformed_request', 'Not an HTTP request.'];
  const bytes = Buffer.isBuffer(error.rawPacket) ? error.rawPacket.toString('latin1', 0, 2048) : '';
  const dialect = dialectAt(requestLine.exec(bytes)?.[1] ?? '/');
  const language = preferredLanguage(undefined, dialect.defaultLanguage);
  const { body, status } = dialect.refuse(new AppError(code, message), { language, requestId: '' });
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'content-type: application/json; charset=utf-8',
    `content-language: ${language}`,
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
