import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { AppError } from '@forecourt/errors';
import type { Dispatcher } from 'undici';
import type { Backlog } from './backlog.ts';
import { faultOf, refusalFor } from './faults.ts';
import type { Upstream, Upstreams } from './upstreams.ts';

export type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

export interface Outgoing {
  readonly method: string;
  /** Path and query exactly as the client wrote them. */
  readonly path: string;
  readonly headers: string[];
  /** A stream can be sent once, anything else again. */
  readonly body: Buffer | Readable | null;
  readonly timeoutMs: number;
  /** Where the answer goes, as it comes. */
  readonly response: ServerResponse;
  /** Holds what the client does not take at once; where it does not, the service waits for the client. */
  readonly backlog?: Backlog | undefined;
  /** Writes the head of the answer; from here on it cannot be refused any more. */
  begin(status: number, headers: Headers): void;
  /** Whoever wants the whole answer for themselves, too. */
  copy?(upstream: Upstream, status: number, headers: Headers): Copy | undefined;
}

export interface Copy {
  add(chunk: Buffer): void;
  /** That was all of it. */
  end(): void;
}

/** Doing these twice is doing them once (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/**
 * Asks the service's processes in turn until one answers: the next one when nothing was sent, one more time when an
 * answer to an idempotent request got lost. Refuses with the AppError that says what went wrong.
 */
export async function send(upstreams: Upstreams, request: Outgoing): Promise<void> {
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

/**
 * Resolves when the answer is through, or was broken off after it had begun; rejects when none came. Uses undici's
 * `dispatch`, below its promises and streams, which would double what a request costs here.
 */
function attempt(upstream: Upstream, request: Outgoing): Promise<void> {
  const { response, begin, method, path, headers, body, timeoutMs, backlog } = request;
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let begun = false;
    let copy: Copy | undefined;
    // Nobody works for a client that has left: the service's part ends with its connection.
    const onClose = () => {
      if (!response.writableFinished) controller?.abort(new Error('The client left.'));
    };
    const onDrain = () => controller?.resume();
    const settle = () => {
      upstream.inFlight--;
      response.off('close', onClose).off('drain', onDrain);
    };
    upstream.inFlight++;
    response.on('close', onClose);
    upstream.pool.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path,
        headers,
        body,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      },
      {
        onRequestStart: (given) => {
          controller = given;
          if (response.destroyed) given.abort(new Error('The client left.'));
        },
        onResponseStart: (given, status, answered) => {
          if (status < 200) return;
          if (status > 599) return given.abort(new Error('The service answered with a status that does not exist.'));
          begun = true;
          response.on('drain', onDrain);
          begin(status, answered);
          copy = request.copy?.(upstream, status, answered);
        },
        onResponseData: (given, chunk) => {
          copy?.add(chunk);
          if (!response.write(chunk) && !backlog?.holds(response)) given.pause();
        },
        onResponseEnd: () => {
          settle();
          copy?.end();
          response.end();
          resolve();
        },
        onResponseError: (_given, error) => {
          settle();
          if (!begun) return reject(error);
          // A length or a last chunk that never comes tells the client that this is not all.
          response.destroy();
          resolve();
        },
      },
    );
  });
}

const isStream = (body: Outgoing['body']): boolean => body !== null && !Buffer.isBuffer(body);
