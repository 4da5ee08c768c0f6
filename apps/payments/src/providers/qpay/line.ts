import { Agent, type Dispatcher, request } from 'undici';
import { ProviderFault } from '../../provider/provider.ts';

export interface LineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly authorization: string;
  readonly body?: object;
  readonly signal: AbortSignal;
}

export interface LineAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  /** undefined: it is no JSON. */
  readonly json: unknown;
}

export interface Line {
  /** What came back, whatever its status; throws a `ProviderFault` when nothing whole did. */
  ask(request: LineRequest): Promise<LineAnswer>;
  close(): Promise<void>;
}

const connections = 8;
const connectMs = 4_000;
/** A stop-gap behind the caller's own signal. */
const longestMs = 30_000;
/** TLS to Ulaanbaatar takes a third of a second; a connection that was idle for longer may be gone at the other end. */
const idleMs = 20_000;
/** A page of five hundred payments is a fifth of it. */
const mostBytes = 4 * 1024 * 1024;

/** HTTP to one address, on connections that are kept, without following it anywhere else. */
export function openLine(baseUrl: string): Line {
  const agent = new Agent({
    connections,
    pipelining: 1,
    connect: { timeout: connectMs },
    headersTimeout: longestMs,
    bodyTimeout: longestMs,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
  });
  return {
    async ask({ method, path, authorization, body, signal }) {
      const headers = {
        authorization,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      };
      try {
        const response = await request(`${baseUrl}${path}`, {
          dispatcher: agent,
          method,
          headers,
          body: body ? JSON.stringify(body) : null,
          signal,
        });
        return await readAnswer(response);
      } catch (error) {
        throw error instanceof ProviderFault ? error : faultOf(error, signal);
      }
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer({ statusCode: status, headers, body }: Dispatcher.ResponseData): Promise<LineAnswer> {
  const retryAfterSeconds = retryAfter(headers['retry-after']);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) throw new ProviderFault(`answered ${status} without an end`, { inDoubt: true });
      chunks.push(chunk);
    }
  } catch (error) {
    // A refusal is one without its words as well.
    if (status < 400) throw error;
    return { status, retryAfterSeconds, json: undefined };
  }
  return { status, retryAfterSeconds, json: parse(Buffer.concat(chunks).toString()) };
}

function parse(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No connection came about, so nothing was asked. */
const unreached = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** In our own words: those of an error may hold what was sent. */
function faultOf(error: unknown, signal: AbortSignal): ProviderFault {
  if (signal.aborted) return new ProviderFault('did not answer in time', { inDoubt: true });
  const { code } = error as { code?: unknown };
  const word = typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'unknown';
  return unreached.has(word)
    ? new ProviderFault(`could not be reached: ${word}`, { inDoubt: false })
    : new ProviderFault(`the connection broke: ${word}`, { inDoubt: true });
}

/** Seconds, or a date. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}
