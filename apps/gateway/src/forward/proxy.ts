import { AppError } from '@forecourt/errors';
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import type { Row } from '../routes.ts';
import { collectBody, hasBody, streamBody } from './body.ts';
import { toClient, toService } from './headers.ts';
import { send } from './send.ts';
import { isUpgrade, tunnel } from './tunnel.ts';
import type { Upstreams } from './upstreams.ts';

/** Hands a request to the row's service, and its answer back, changing nothing but headers. */
export function proxy(row: Row, upstreams: Upstreams, config: GatewayConfig): RouteHandlerMethod {
  const timeoutMs = row.large ? config.LARGE_RESPONSE_TIMEOUT_MS : config.RESPONSE_TIMEOUT_MS;

  const bodyOf = ({ raw }: FastifyRequest) => {
    if (!hasBody(raw)) return null;
    if (row.large) return streamBody(raw, config.LARGE_BODY_BYTES);
    return collectBody(raw, { bytes: config.BODY_BYTES, timeoutMs: config.BODY_TIMEOUT_MS });
  };

  return async (request, reply) => {
    if (isUpgrade(request.raw)) return tunnel({ request, reply, upstreams, headers: serviceHeaders(request) });
    const signal = abortedWith(reply);
    if (row.large) request.raw.socket.setTimeout(timeoutMs);
    const body = await bodyOf(request);
    const headers = serviceHeaders(request);
    const length = row.large ? request.headers['content-length'] : undefined;
    if (length !== undefined) headers.push('content-length', length);

    const answer = await send(upstreams, {
      method: request.method,
      path: request.raw.url as string,
      headers,
      body,
      timeoutMs,
      signal,
    });
    if (answer.statusCode > 599) {
      answer.body.destroy();
      throw new AppError('bad_gateway', 'The service answered with a status that does not exist.');
    }
    const { vary, ...passed } = toClient(answer.headers);
    reply.code(answer.statusCode).headers(passed);
    if (vary !== undefined) reply.header('vary', [reply.getHeader('vary'), vary].flat().filter(Boolean).join(', '));
    return reply.send(answer.body);
  };
}

const serviceHeaders = (request: FastifyRequest): string[] =>
  toService(request.headers, {
    requestId: request.id,
    traceparent: request.traceparent,
    address: request.ip,
    protocol: request.protocol,
    host: request.host,
  });

/** Nobody works for a client that has left: closing its connection ends the service's part too. */
function abortedWith({ raw }: FastifyReply): AbortSignal {
  const abort = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) abort.abort();
  });
  return abort.signal;
}
