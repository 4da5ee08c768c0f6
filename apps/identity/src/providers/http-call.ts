import type { Answer } from '../message/provider.ts';

export interface HttpCall {
  readonly url: URL | string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  /** Up to so much as is worth reading. null: it broke off, or never ended. */
  readonly body: string | null;
}

/** More than any gateway has to say; what is longer is not read on. */
const mostBytes = 64 * 1024;

/**
 * One POST or GET to a provider, without following it anywhere else. What went wrong is told in our own words: an error's
 * text may hold the address, and that a secret.
 */
export async function callHttp({
  url,
  signal,
  ...request
}: HttpCall): Promise<HttpAnswer | Exclude<Answer, { outcome: 'taken' }>> {
  let response: Response;
  try {
    response = await fetch(url, { ...request, signal, redirect: 'manual' });
  } catch (error) {
    return withoutAnswer(error, signal);
  }
  const body = await readBody(response).catch(() => null);
  return { status: response.status, retryAfterSeconds: retryAfter(response.headers.get('retry-after')), body };
}

/** No connection came about, so nothing was sent. */
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

function withoutAnswer(error: unknown, signal: AbortSignal): Exclude<Answer, { outcome: 'taken' }> {
  if (signal.aborted) return { outcome: 'in_doubt', reason: 'did not answer in time' };
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  const word = typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'unknown';
  if (unreached.has(word)) return { outcome: 'later', reason: `could not be reached: ${word}` };
  return { outcome: 'in_doubt', reason: `the connection broke: ${word}` };
}

async function readBody(response: Response): Promise<string | null> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) return null; // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}

/**
 * What a status says that is not the success. A request that the provider could not read was not sent, and neither was one
 * that it says it failed at; only where somebody behind it did not answer in time may it have been.
 */
export function answerOfStatus({ status, retryAfterSeconds }: HttpAnswer): Exclude<Answer, { outcome: 'taken' }> {
  const reason = `answered ${status}`;
  if (status === 504) return { outcome: 'in_doubt', reason };
  if (status === 400 || status === 413 || status === 422) return { outcome: 'refused', reason };
  return { outcome: 'later', reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}
