import { Client, type Dispatcher } from 'undici';

export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Makes the n-th request; each connection is a visitor of its own, who may go on from their last answer. */
export interface Visitors {
  expectedStatus: number;
  request(n: number, connection: number): LoadRequest;
  answered?(body: string, connection: number): void;
}

/** What they do that is no request over HTTP: done when it resolves, wrong when it rejects. */
export type Act = (n: number, connection: number) => Promise<void>;

interface Amount {
  connections: number;
  /** Whichever comes first ends it. */
  seconds: number;
  maxRequests: number;
}

export interface Load extends Amount {
  origin: string;
  visitors: Visitors;
}

export interface LoadResult {
  requests: number;
  seconds: number;
  /** One for each answered request, unsorted. */
  milliseconds: number[];
  /** The first few, for the report; any at all fails the run. */
  failures: string[];
  failed: number;
}

/** What still comes in after this many is not worth the time. */
const hopeless = 100;
const shownFailures = 5;

/**
 * Closed load: every connection sends its next request when the last one is answered. undici's `dispatch` is used below
 * its promises and streams, because the generator shares the cores with what it measures.
 */
export async function generateLoad(load: Load): Promise<LoadResult> {
  const { origin, connections, maxRequests, visitors } = load;
  const clients = Array.from({ length: connections }, () => new Client(origin, { pipelining: 1 }));
  const result: LoadResult = { requests: 0, seconds: 0, milliseconds: [], failures: [], failed: 0 };
  const begin = performance.now();
  const deadline = begin + load.seconds * 1000;
  let sent = 0;

  const fail = (what: string) => {
    result.failed++;
    if (result.failures.length < shownFailures) result.failures.push(what);
  };

  const drive = (client: Client, connection: number) =>
    new Promise<void>((resolve) => {
      const next = () => {
        if (sent >= maxRequests || performance.now() >= deadline || result.failed >= hopeless) return resolve();
        const request = visitors.request(sent++, connection);
        const start = performance.now();
        let status = 0;
        let text = '';
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, statusCode) => {
            status = statusCode;
          },
          onResponseData: (_controller, chunk) => {
            if (status !== visitors.expectedStatus || visitors.answered) text += chunk.toString();
          },
          onResponseEnd: () => {
            result.requests++;
            if (status === visitors.expectedStatus) {
              result.milliseconds.push(performance.now() - start);
              visitors.answered?.(text, connection);
            } else fail(`${request.method} ${request.path}: ${status} ${text.slice(0, 300)}`);
            next();
          },
          onResponseError: (_controller, error) => {
            fail(`${request.method} ${request.path}: ${error.message}`);
            next();
          },
        };
        client.dispatch({ ...request, headers: request.headers ?? {}, body: request.body ?? null }, handler);
      };
      next();
    });

  await Promise.all(clients.map(drive));
  result.seconds = (performance.now() - begin) / 1000;
  await Promise.all(clients.map((client) => client.close()));
  return result;
}

/** Closed load, too: as many at once as there would be connections, each goes on when the last act is done. */
export async function repeatAct({
  act,
  connections,
  seconds,
  maxRequests,
}: Amount & { act: Act }): Promise<LoadResult> {
  const result: LoadResult = { requests: 0, seconds: 0, milliseconds: [], failures: [], failed: 0 };
  const begin = performance.now();
  const deadline = begin + seconds * 1000;
  let begun = 0;
  const drive = async (connection: number): Promise<void> => {
    while (begun < maxRequests && performance.now() < deadline && result.failed < hopeless) {
      const start = performance.now();
      try {
        await act(begun++, connection);
        result.milliseconds.push(performance.now() - start);
      } catch (error) {
        result.failed++;
        if (result.failures.length < shownFailures) result.failures.push((error as Error).message);
      }
      result.requests++;
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => drive(connection)));
  result.seconds = (performance.now() - begin) / 1000;
  return result;
}
