import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * One line a request: our bugs are `error`, a neighbour that is away or too much at once is `warn`, everything else is
 * `info`, and what only machines ask, "not ready yet" among it, is `debug`.
 */
export function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { refusal, principal } = request;
  const { statusCode } = reply;
  const facts = {
    method: request.method,
    route: request.routeOptions.url,
    ...idsOf(request),
    status: statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    ...(principal && { customerId: principal.customerId, sessionId: principal.sessionId }),
    ...(refusal && { refusal: refusal.code }),
  };
  if (refusal?.category === 'internal') request.log.error({ ...facts, err: refusal }, 'request failed');
  else if (refusal?.category === 'unavailable') request.log.warn({ ...facts, ...causeOf(refusal) }, 'request put off');
  else if (refusal) request.log.info({ ...facts, ...causeOf(refusal) }, 'request refused');
  else if (isMachinery(request.url)) request.log.debug(facts, 'request answered');
  else request.log.info(facts, 'request answered');
}

/** A refusal with a cause is a value that a door let through and something behind it did not. */
const causeOf = ({ cause }: Error) => (cause instanceof Error ? { err: cause } : {});

const isMachinery = (url: string) => /^\/(health|internal)\//.test(url) || url === '/metrics';

const plainId = /^(?:[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Which thing a request was about. Nothing else of a path or query, not even the names in it: people put phones, tokens
 * and passwords everywhere.
 */
function idsOf({ params }: FastifyRequest): { ids?: Record<string, string> } {
  const ids = Object.entries((params ?? {}) as Record<string, string>).filter(([, value]) => plainId.test(value));
  return ids.length > 0 ? { ids: Object.fromEntries(ids) } : {};
}
