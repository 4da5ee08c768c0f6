import { Client, type Dispatcher } from 'undici';

export interface LoadRequest {
  method: 'GET' | 'POST';
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface Load {
  origin: string;
  connections: number;
  /** Whichever comes first ends it. */
  seconds: number;
  maxRequests: number;
  expectedStatus: number;
  request(n: number): LoadRequest;
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

/**
 * Closed load: every connection sends its next request when the last one is answered. undici's `dispatch` is used below
 * its promises and streams, because the generator shares the cores with what it measures.
 */
export async function generateLoad(load: Load): Promise<LoadResult> {
  const clients = Array.from({ length: load.connections }, () => new Client(load.origin, { pipelining: 1 }));
  const result: LoadResult = { requests: 0, seconds: 0, milliseconds: [], failures: [], failed: 0 };
  const begin = performance.now();
  const deadline = begin + load.seconds * 1000;
  let sent = 0;

  const fail = (what: string) => {
    result.failed++;
    if (result.failures.length < 5) result.failures.push(what);
  };

  const drive = (client: Client) =>
    new Promise<void>((resolve) => {
      const next = () => {
        if (sent >= load.maxRequests || performance.now() >= deadline || result.failed >= 100) return resolve();
        const request = load.request(sent++);
        const start = performance.now();
        let status = 0;
        let refusal = '';
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, statusCode) => {
            status = statusCode;
          },
          onResponseData: (_controller, chunk) => {
            if (status !== load.expectedStatus) refusal += chunk.toString();
          },
          onResponseEnd: () => {
            result.requests++;
            if (status === load.expectedStatus) result.milliseconds.push(performance.now() - start);
            else fail(`${request.method} ${request.path}: ${status} ${refusal.slice(0, 300)}`);
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

export function percentile(milliseconds: readonly number[], share: number): number {
  const sorted = Float64Array.from(milliseconds).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
