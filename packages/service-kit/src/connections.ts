import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { App } from './app.ts';

interface Patience {
  /** The rest of an honest request is here by then. */
  requestsMs: number;
  /** An ordinary answer is through by then; less than those wait who start processes and kill what does not end. */
  answersMs: number;
}

const ordinaryPatience: Patience = { requestsMs: 2_000, answersMs: 12_000 };
const everyMs = 20;

/**
 * For the end of a process. Node closes the connections that rest, once, and takes its own time limits off all others:
 * one that finished its request after that would be kept alive for a minute, and one whose client never sends the rest
 * of a request, or never takes an answer, for as long as that client likes.
 */
export function closeConnectionsInTime(app: App, { requestsMs, answersMs } = ordinaryPatience): void {
  const { server } = app;
  const connections = new Map<Socket, ServerResponse | undefined>();
  server.on('connection', (socket) => {
    connections.set(socket, undefined);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    if (connections.has(socket)) connections.set(socket, response);
  });

  app.addHook('preClose', async () => {
    if (!server.listening) return;
    const began = performance.now();
    const timer = setInterval(() => {
      server.closeIdleConnections();
      const passedMs = performance.now() - began;
      if (passedMs < requestsMs) return;
      for (const [socket, response] of connections) {
        if (passedMs >= answersMs || !isInHand(response)) socket.destroy();
      }
    }, everyMs);
    server.once('close', () => clearInterval(timer));
  });
}

/** A whole request, whose answer is not yet through. */
const isInHand = (response: ServerResponse | undefined) => response?.req.complete && !response.writableFinished;
