import { type Dialect, operators, preferredLanguage } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { toAppError } from './refusals.ts';
import type { RouteIndex } from './route-index.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request was refused with, if it was; for the log. */
    refusal: AppError | null;
  }
}

/** Where no public API has a say we answer with problem details, as we do to our own staff. */
export const ownManners: Dialect = operators;

/** Says no in a dialect's manner; of what is not the caller's business it says nothing. */
export function refuse(dialect: Dialect, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = toRefusal(error, request);
  request.refusal = refusal;
  const language = preferredLanguage(request.headers['accept-language'], dialect.defaultLanguage);
  const { status, headers, body } = dialect.refuse(refusal, { language, requestId: request.id });
  // What is left of a body that is not read would be answered a second time: with a 408, when it takes too long.
  if (!request.raw.complete) reply.header('connection', 'close');
  if (status === 401) reply.header('www-authenticate', challengeTo(request));
  return reply
    .code(status)
    .headers({
      // What says nothing can at least be looked up.
      ...(body === undefined ? { 'x-request-id': request.id } : { 'content-type': 'application/json; charset=utf-8' }),
      'cache-control': 'no-store',
      ...headers,
    })
    .header('content-language', language)
    .serializer(JSON.stringify)
    .send(body);
}

/** The handler's time runs from the request's head on: where the rest never came, it is not we who were slow. */
function toRefusal(error: unknown, { raw }: FastifyRequest): AppError {
  const isLate = (error as { code?: unknown } | null)?.code === 'FST_ERR_HANDLER_TIMEOUT';
  if (!isLate || raw.complete !== false) return toAppError(error);
  return new AppError('request_timeout', 'The request took too long to come.', { cause: error });
}

/** RFC 6750: a caller who sent no token is only told that one is needed. */
const challengeTo = ({ headers }: FastifyRequest) =>
  headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';

/** Paths that no route has: 405 when another method has them, else 404, in the manner of the door that they are next to. */
export function refuseUnknownPaths(app: App, routes: RouteIndex): void {
  app.setNotFoundHandler((request, reply) => {
    const { dialect = ownManners, methods } = routes.lookUp(request.url);
    if (methods.length === 0) {
      return refuse(dialect, new AppError('route_not_found', 'There is no such path.'), request, reply);
    }
    reply.header('allow', methods.join(', '));
    return refuse(dialect, new AppError('method_not_allowed', `Only ${methods.join(', ')}.`), request, reply);
  });
}
