import { AppError } from '@forecourt/errors';
import type { FastifyReply } from 'fastify';
import type { App } from './app.ts';

declare module 'fastify' {
  interface FastifyRequest {
    answerTimer: NodeJS.Timeout | undefined;
  }
}

/**
 * Answers for a handler that takes too long: `standardMs`, or the `handlerTimeout` of its route, from the end of the
 * headers on. Fastify has an option for it, which forgets the time of a request once its body has been read: it waits for
 * the stream of the request to close, and Node closes that when it has ended.
 *
 * What the handler does is not stopped; what it says afterwards is not heard.
 */
export function limitHandlers(app: App, standardMs: number): void {
  app.decorateRequest('answerTimer', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    const ms = request.routeOptions.handlerTimeout || standardMs;
    // A caller who hangs up leaves it behind; the process need not wait for that.
    request.answerTimer = setTimeout(giveUp, ms, reply).unref();
    done();
  });
  app.addHook('onResponse', (request, _reply, done) => {
    clearTimeout(request.answerTimer);
    done();
  });
}

function giveUp(reply: FastifyReply): void {
  const { raw } = reply;
  if (reply.sent || raw.destroyed) return;
  // A status has been sent: all that can still be said is that the answer is not whole.
  if (raw.headersSent) raw.destroy();
  else reply.send(new AppError('overloaded', 'This took too long.', { retryAfterSeconds: 1 }));
}
