import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from './refusals.ts';
import { Fault, type Switches } from './switches.ts';

export interface HeardRequest {
  readonly method: string;
  /** Without the `/v2`, and with the ids that were asked for. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Of the caller: one for each connection. */
  readonly port: number | undefined;
  readonly body: unknown;
}

export interface Faults {
  /** The last thousand requests to the API, oldest first. */
  readonly requests: readonly HeardRequest[];
  fail(fault: Fault): void;
  /** Hangs them before every request and answer of the given routes. */
  guard(api: FastifyInstance): void;
}

const remembered = 1000;
const aWebPage = '<html><body>Service temporarily unavailable</body></html>';

export function createFaults(switches: Switches): Faults {
  const wishes: Required<Fault>[] = [];
  const afterwards = new WeakMap<FastifyRequest, Fault['how']>();
  const requests: HeardRequest[] = [];

  const take = (request: FastifyRequest) => {
    const route = `${request.method} ${(request.routeOptions.url ?? '').replace(/^\/v2/, '')}`;
    const wish = wishes.find(({ on, times }) => on === route && times > 0);
    if (wish) wish.times -= 1;
    return wish;
  };

  return {
    requests,
    fail: (fault) => void wishes.push(Fault.parse(fault)),
    guard(api) {
      api.addHook('preHandler', async (request, reply) => {
        const { method, url, headers, body } = request;
        const path = url.replace(/^\/v2/, '');
        requests.push({ method, path, authorization: headers.authorization, port: request.socket.remotePort, body });
        requests.splice(0, requests.length - remembered);
        if (switches.slowMs > 0) await pause(switches.slowMs);
        if (switches.down) return refuse(reply, 500, 'INTERNAL_SERVER_ERROR', switches);
        const fault = take(request);
        if (fault?.done) afterwards.set(request, fault.how);
        else if (fault) return fail(fault.how, request, reply, switches);
      });
      api.addHook('onSend', async (request, reply, payload) => {
        const how = afterwards.get(request);
        if (how === undefined) return payload;
        if (typeof how === 'number') {
          reply.code(how);
          return JSON.stringify({ message: 'INTERNAL_SERVER_ERROR' });
        }
        if (how !== 'garbage') return breakOff(how, request, reply, String(payload));
        reply.type('text/html');
        return aWebPage;
      });
    },
  };
}

function fail(how: Fault['how'], request: FastifyRequest, reply: FastifyReply, switches: Switches) {
  if (typeof how === 'number') return refuse(reply, how, wordOf(how), switches);
  if (how === 'garbage') return reply.type('text/html').send(aWebPage);
  return breakOff(
    how,
    request,
    reply,
    JSON.stringify({ count: 0, rows: [], note: 'the second half of this is missing' }),
  );
}

const wordOf = (status: number) => (status === 401 ? 'NO_CREDENDIALS' : 'INTERNAL_SERVER_ERROR');

/** Never comes back: whoever asked goes away, or we do. */
function breakOff(how: 'hang' | 'cut' | 'half', request: FastifyRequest, reply: FastifyReply, text: string) {
  if (how === 'cut') request.raw.socket.destroy();
  if (how === 'half') {
    reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    reply.raw.write(text.slice(0, text.length / 2), () => request.raw.socket.destroy());
  }
  return new Promise<never>(() => {});
}
