import { STATUS_CODES } from 'node:http';
import { type AppError, type Category, catalogue, type ErrorCode } from '@forecourt/errors';

const byCategory = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  failed_precondition: 409,
  resource_exhausted: 429,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<Category, number>;

/** Codes for which HTTP has a more precise word than their category's. */
const exceptions: Partial<Record<ErrorCode, number>> = {
  method_not_allowed: 405,
  request_timeout: 408,
  payload_too_large: 413,
  headers_too_large: 431,
  unsupported_media_type: 415,
  bad_gateway: 502,
  upstream_timeout: 504,
  insufficient_balance: 402,
  device_timeout: 504,
  code_expired: 410,
};

/** The status that HTTP itself would give; a dialect whose document says otherwise has a table of its own. */
export const httpStatusOf = (code: ErrorCode): number => exceptions[code] ?? byCategory[catalogue[code]];

/** The reason phrase of RFC 9110: `Conflict` for 409. */
export const reasonPhrase = (status: number): string => STATUS_CODES[status] ?? 'Unknown';

/** Retry-After in whole seconds; a 429 has one even when its thrower named none. */
export function retryHeaders({ code, retryAfterSeconds }: AppError): Record<string, string> {
  const seconds = retryAfterSeconds ?? (httpStatusOf(code) === 429 ? 60 : undefined);
  return seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(seconds))) };
}
