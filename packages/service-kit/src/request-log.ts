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
    url: withoutValues(request.url),
    route: request.routeOptions.url,
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

const longest = 200;

/** Values of a query may be phones, tokens or somebody's search: `/orders/history?phone&clientId`. */
function withoutValues(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined) return path.slice(0, longest);
  const names = query.split('&').map((pair) => pair.split('=', 1)[0]);
  return `${path}?${names.join('&')}`.slice(0, longest);
}
