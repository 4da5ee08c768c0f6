import type { Readable } from 'node:stream';
import { AppError } from '@forecourt/errors';
import type { Dispatcher } from 'undici';
import { faultOf, refusalFor } from './faults.ts';
import type { Upstream, Upstreams } from './upstreams.ts';

export interface Outgoing {
  readonly method: string;
  /** Path and query exactly as the client wrote them. */
  readonly path: string;
  readonly headers: string[];
  /** A stream can be sent once, anything else again. */
  readonly body: Buffer | Readable | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Doing these twice is doing them once (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/**
 * Asks the service's processes in turn until one answers: the next one when nothing was sent, one more time when an
 * answer to an idempotent request got lost. Refuses with the AppError that says what went wrong.
 */
export async function send(upstreams: Upstreams, request: Outgoing): Promise<Dispatcher.ResponseData> {
  const refused: Upstream[] = [];
  let repeats = idempotent.has(request.method) ? 1 : 0;
  let upstream = upstreams.pick();
  for (;;) {
    try {
      return await attempt(upstream, request);
    } catch (error) {
      if (error instanceof AppError) throw error;
      const fault = faultOf(error);
      if (fault === 'unreached') {
        upstreams.rest(upstream);
        refused.push(upstream);
      }
      const again = !isStream(request.body) && (fault === 'unreached' || (fault === 'lost' && repeats-- > 0));
      if (!again || refused.length === upstreams.all.length) throw refusalFor(fault, error);
      upstream = upstreams.pick(refused);
    }
  }
}

async function attempt(upstream: Upstream, { method, path, headers, body, timeoutMs, signal }: Outgoing) {
  upstream.inFlight++;
  const leave = () => {
    upstream.inFlight--;
  };
  try {
    const answer = await upstream.pool.request({
      method: method as Dispatcher.HttpMethod,
      path,
      headers,
      body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal,
    });
    answer.body.once('close', leave);
    // Whoever reads it notices a break by the premature end; unheard, the error would end the process.
    answer.body.on('error', () => undefined);
    return answer;
  } catch (error) {
    leave();
    throw error;
  }
}

const isStream = (body: Outgoing['body']): boolean => body !== null && !Buffer.isBuffer(body);
