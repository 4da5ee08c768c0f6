import { preferredLanguage } from '@forecourt/dialects';
import { AppError, type ErrorCode } from '@forecourt/errors';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { dialectAt, type Row, rowAt } from './routes.ts';

const pathOf = (request: FastifyRequest): string => (request.raw.url ?? '/').split('?', 1)[0] as string;

/** Says no in the manners of the API that was called. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = asAppError(error as Error);
  request.refusal = refusal;
  const dialect = request.routeOptions?.config?.row?.dialect ?? dialectAt(pathOf(request));
  const language = preferredLanguage(request.headers['accept-language'], dialect.defaultLanguage);
  const { status, headers, body } = dialect.refuse(refusal, { language, requestId: request.id });
  // What is left of an unread body would have to be taken in before the connection could be used again.
  if (!request.raw.complete) reply.header('connection', 'close');
  return reply
    .code(status)
    .headers({
      ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
      'cache-control': 'no-store',
      ...headers,
    })
    .header('content-language', language)
    .send(JSON.stringify(body));
}

export const refuseUnknown =
  (rows: readonly Row[]) =>
  (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const code = rowAt(rows, pathOf(request)) ? 'method_not_allowed' : 'route_not_found';
    return refuse(new AppError(code, `${request.method} is not answered here.`), request, reply);
  };

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'validation_failed',
  404: 'route_not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  414: 'route_not_found',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
  503: 'service_unavailable',
};

function asAppError(error: Partial<FastifyError> & Error): AppError {
  if (error instanceof AppError) return error;
  if (error.code === 'FST_ERR_BAD_URL') return new AppError('route_not_found', 'This path cannot be decoded.');
  const code = codeOfStatus[error.statusCode ?? 500];
  return code
    ? new AppError(code, error.message, { cause: error })
    : new AppError('internal', 'Internal error.', { cause: error });
}
