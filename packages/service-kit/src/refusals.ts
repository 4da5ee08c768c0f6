import { AppError, type ErrorCode } from '@forecourt/errors';
import { databaseRefusal } from './database-refusals.ts';

/** Whatever was thrown on the way to an answer, as the refusal that a dialect can say. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return (
    frameworkRefusal(error) ?? databaseRefusal(error) ?? new AppError('internal', 'Something broke.', { cause: error })
  );
}

const byFastifyCode: Record<string, ErrorCode> = {
  FST_ERR_BAD_URL: 'route_not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_HANDLER_TIMEOUT: 'overloaded',
};

/** Plugins and body parsers throw errors that say no more than a status. */
const byStatus: Record<number, ErrorCode> = {
  400: 'malformed_request',
  401: 'unauthenticated',
  403: 'role_required',
  404: 'route_not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
  431: 'headers_too_large',
  502: 'bad_gateway',
  503: 'service_unavailable',
  504: 'upstream_timeout',
};

const messages: Partial<Record<ErrorCode, string>> = {
  route_not_found: 'There is no such path.',
  payload_too_large: 'The body is too large.',
  unsupported_media_type: 'Send application/json.',
  overloaded: 'This took too long.',
  malformed_request: 'The request cannot be read.',
};

function frameworkRefusal(error: unknown): AppError | null {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const meaning = byFastifyCode[String(code)] ?? byStatus[Number(statusCode)];
  if (!meaning) return null;
  const retry = meaning === 'overloaded' ? { retryAfterSeconds: 1 } : {};
  return new AppError(meaning, messages[meaning] ?? 'The request is refused.', { cause: error, ...retry });
}
