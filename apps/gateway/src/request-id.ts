import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const wellFormed = /^[A-Za-z0-9_-]{8,64}$/;

/** A client may name its request, so that both sides' logs agree; anything that is not plainly an id is not taken. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const theirs = headers['x-request-id'];
  return typeof theirs === 'string' && wellFormed.test(theirs) ? theirs : randomUUID();
}
