import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Knock {
  method: string;
  /** Sent as it is written: fetch would tidy it up first. */
  path: string;
  headers?: OutgoingHttpHeaders | undefined;
  /** JSON unless it is text already. */
  body?: unknown;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** One request, with whatever headers and method an outsider may think of. */
export function knock(origin: string, { method, path, headers = {}, body }: Knock): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        hostname,
        port,
        method,
        path,
        headers: {
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
          }),
          ...headers,
        },
      },
      (response) => {
        const { statusCode = 0, headers: answered } = response;
        text(response).then((body) => resolve({ status: statusCode, headers: answered, text: body }), reject);
      },
    );
    sent.on('error', reject).end(payload);
  });
}
