import { Pool } from 'undici';
import type { About, Begun, Operation, OperationKind, Outcome, Recorder } from '../history.ts';

export interface Call {
  readonly kind: OperationKind;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly about?: About;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Keep the answer's body, and learn from it what the question did not know. */
  readonly learn?: (body: unknown) => About;
  /** Learn from its headers, too. */
  readonly hear?: (headers: Headers) => About;
  readonly timeoutMs: number;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Sends one request, and writes into the history what came of it; never throws. */
export interface Client {
  call(call: Call): Promise<Operation>;
  /** A look that is not part of the history; what cannot be seen is empty. */
  peek<Body extends object>(path: string, token?: string): Promise<Partial<Body>>;
  close(): Promise<void>;
}

const keepsReply: ReadonlySet<OperationKind> = new Set([
  'register',
  'login',
  'refresh',
  'place',
  'read-order',
  'move',
  'enter-code',
  'replenish',
  'check-replenishment',
] satisfies OperationKind[]);

export function createClient(origin: string, history: Recorder): Client {
  const pool = new Pool(origin, { connections: 128, pipelining: 1, connect: { timeout: 3000 } });

  async function call({ kind, method, path, about = {}, token, body, headers, learn, hear, timeoutMs }: Call) {
    const begun: Begun = { kind, about, ...(body !== undefined && { request: body }) };
    const end = history.invoke(begun);
    try {
      const answer = await pool.request({
        method,
        path,
        headers: {
          ...headers,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.body.text();
      const { statusCode: status } = answer;
      const outcome = outcomeOf(status);
      const parsed = outcome === 'ok' && !learn ? undefined : parse(text);
      const code = outcome === 'ok' ? undefined : codeOf(parsed);
      return end({
        outcome,
        status,
        ...(code !== undefined && { code }),
        ...(keepsReply.has(kind) && { reply: text }),
        ...(answer.headers['idempotent-replayed'] === 'true' && { replayed: true }),
        ...(answer.headers['retry-after'] !== undefined && { comeAgain: true }),
        ...(outcome === 'ok' && (learn || hear) && { about: { ...learn?.(parsed), ...hear?.(answer.headers) } }),
      });
    } catch (error) {
      const { name, message, code = name } = error as NodeJS.ErrnoException;
      return end({ outcome: 'unknown', status: null, error: `${code}: ${message}` });
    }
  }

  async function peek<Body extends object>(path: string, token?: string): Promise<Partial<Body>> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await pool
      .request({ method: 'GET', path, headers: authorization, signal: AbortSignal.timeout(5_000) })
      .then(({ body }) => body.text())
      .catch(() => '');
    return (parse(answer) ?? {}) as Partial<Body>;
  }

  return { call, peek, close: () => pool.destroy() };
}

function outcomeOf(status: number): Outcome {
  if (status < 300) return 'ok';
  return status < 500 ? 'fail' : 'unknown';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { code, errorCode } = body as { code?: unknown; errorCode?: unknown };
  const found = code ?? errorCode;
  return found === undefined ? undefined : String(found);
}
