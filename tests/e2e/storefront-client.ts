import { system } from './running-system.ts';

export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
  /** The body as it came over the wire, for those who promise equal bytes. */
  text: string;
}

export interface Call {
  headers?: Record<string, string>;
  /** An access token. */
  bearer?: string | undefined;
  signal?: AbortSignal;
}

export interface HttpClient {
  get<Body>(path: string, call?: Call): Promise<Answer<Body>>;
  post<Body>(path: string, body?: unknown, call?: Call): Promise<Answer<Body>>;
  put<Body>(path: string, body?: unknown, call?: Call): Promise<Answer<Body>>;
  patch<Body>(path: string, body?: unknown, call?: Call): Promise<Answer<Body>>;
  delete<Body>(path: string, call?: Call, body?: unknown): Promise<Answer<Body>>;
}

/** Speaks HTTP and JSON to one origin, as any front end does; judges nothing. */
export function httpClient(origin: string | (() => string)): HttpClient {
  const send = async <Body>(method: string, path: string, body: unknown, call: Call = {}): Promise<Answer<Body>> => {
    const response = await fetch(new URL(path, typeof origin === 'string' ? origin : origin()), {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(call.bearer !== undefined && { authorization: `Bearer ${call.bearer}` }),
        ...call.headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(call.signal && { signal: call.signal }),
    });
    const text = await response.text();
    // A report of JSON lines is text.
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as Body,
      text,
    };
  };
  return {
    get: (path, call) => send('GET', path, undefined, call),
    post: (path, body, call) => send('POST', path, body, call),
    put: (path, body, call) => send('PUT', path, body, call),
    patch: (path, body, call) => send('PATCH', path, body, call),
    delete: (path, call, body) => send('DELETE', path, body, call),
  };
}

/** The gateway of the system that all end-to-end tests share. */
export const gateway = httpClient(() => system.gatewayUrl);
