import type { OutgoingHttpHeaders } from 'node:http';
import { sessionCookie } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import { clearCookie, maxHeaderBytes } from '@forecourt/service-kit';
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { GatewayConfig } from '../config.ts';
import { type Exchange, isOfCookie, type Worth } from '../exchange.ts';
import { withoutPort } from '../limits.ts';
import { safeMethods } from '../own-origin.ts';
import { type Row, targetAt } from '../routes.ts';
import type { Backlog } from './backlog.ts';
import { collectBody, hasBody, streamBody } from './body.ts';
import type { Bulkhead } from './bulkhead.ts';
import { toClient, toService } from './headers.ts';
import { isKnown, type Kept, type KeptAnswers } from './kept.ts';
import { type Outgoing, send } from './send.ts';
import { isUpgrade, tunnel } from './tunnel.ts';
import type { Upstreams } from './upstreams.ts';

/** What a row shares with the others: with those of its service the first three, with all the rest. */
interface Neighbours {
  readonly upstreams: Upstreams;
  readonly kept: KeptAnswers;
  readonly bulkhead: Bulkhead;
  readonly backlog: Backlog;
  readonly exchange: Exchange;
}

/** Hands a request to the row's service, and its answer back, changing nothing but headers. */
export function proxy(
  row: Row,
  { upstreams, kept, bulkhead, backlog, exchange }: Neighbours,
  config: GatewayConfig,
): RouteHandlerMethod {
  const timeoutMs = patienceWith(row, config);
  const forgetSession = clearCookie({ name: sessionCookie, secure: config.NODE_ENV === 'production' });

  const bodyOf = ({ raw }: FastifyRequest) => {
    if (!hasBody(raw)) return null;
    if (row.large) return streamBody(raw, config.LARGE_BODY_BYTES);
    return collectBody(raw, { bytes: row.bodyBytes ?? config.BODY_BYTES, timeoutMs: config.BODY_TIMEOUT_MS });
  };

  return async (request, reply) => {
    const { accessToken, staleCookie }: Worth = row.developmentOnly ? {} : await exchange(request, row);
    if (staleCookie) reply.header('set-cookie', forgetSession);
    if (isUpgrade(request.raw)) {
      return tunnel({ request, reply, upstreams, headers: serviceHeaders(request, accessToken) });
    }
    if (row.kept) await kept.settled(upstreams.all);
    const key = row.kept && kept.keyOf(request, row.dialect);
    const known = key === undefined ? undefined : await kept.find(key);
    if (known) return answerKept(request, reply, known);

    if (timeoutMs > config.RESPONSE_TIMEOUT_MS) request.raw.socket.setTimeout(timeoutMs);
    // An answer that may be kept is everybody's: it is asked for as nobody.
    const headers = serviceHeaders(request, key === undefined ? accessToken : undefined);
    const body = await bodyOf(request);
    const length = row.large ? request.headers['content-length'] : undefined;
    if (length !== undefined) headers.push('content-length', length);

    const outgoing: Outgoing = {
      method: request.method,
      path: targetAt(row, request.raw.url as string),
      headers,
      body,
      timeoutMs,
      response: reply.raw,
      // The answers of large rows have no end that would fit into memory.
      backlog: row.large ? undefined : backlog,
      begin: (status, answered) => {
        if (!safeMethods.has(request.method)) kept.changed();
        if (row.signsOut && status < 300 && isOfCookie(request)) reply.header('set-cookie', forgetSession);
        reply.hijack();
        reply.raw.writeHead(status, clientHeaders(reply, answered));
      },
      ...(key !== undefined && {
        copy: (upstream, status, answered) => kept.copy(key, upstream, status, answered),
      }),
    };
    const ask = () => send(upstreams, outgoing);
    await (row.costly ? bulkhead.pass(reply.raw, ask) : ask());
    return reply;
  };
}

function patienceWith({ large, patient }: Row, config: GatewayConfig): number {
  if (large) return config.LARGE_RESPONSE_TIMEOUT_MS;
  return patient ? config.PATIENT_RESPONSE_TIMEOUT_MS : config.RESPONSE_TIMEOUT_MS;
}

function answerKept(request: FastifyRequest, reply: FastifyReply, kept: Kept): FastifyReply {
  const headers = clientHeaders(reply, kept.headers);
  reply.hijack();
  if (isKnown(request.headers['if-none-match'], kept)) {
    const { 'content-length': _, 'content-type': __, ...rest } = headers;
    reply.raw.writeHead(304, rest).end();
  } else {
    reply.raw.writeHead(200, headers).end(kept.body);
  }
  return reply;
}

/** What our HTTP client adds on its own: host, connection, the body's length. */
const addedBytes = 256;

/** Refused here and in the words of the path's dialect: the service's parser would know neither path nor caller. */
function serviceHeaders(request: FastifyRequest, accessToken: string | undefined): string[] {
  const headers = toService(request.headers, {
    requestId: request.id,
    traceparent: request.traceparent,
    address: withoutPort(request.ip),
    protocol: request.protocol,
    host: request.host,
    accessToken,
  });
  let bytes = request.raw.url?.length ?? 0;
  for (const text of headers) bytes += text.length;
  if (bytes + addedBytes <= maxHeaderBytes) return headers;
  throw new AppError('headers_too_large', `Path and headers of more than ${maxHeaderBytes} bytes are not taken here.`);
}

/** Ours and the service's; both may have reasons for answers to vary. */
function clientHeaders(reply: FastifyReply, answered: Parameters<Outgoing['begin']>[1]): OutgoingHttpHeaders {
  const ours = reply.getHeaders();
  const headers: Record<string, OutgoingHttpHeaders[string]> = { ...ours, ...toClient(answered) };
  if (ours.vary !== undefined && answered.vary !== undefined)
    headers.vary = [ours.vary, answered.vary].flat().join(', ');
  return headers;
}
