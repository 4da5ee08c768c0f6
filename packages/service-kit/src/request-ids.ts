import type { IncomingMessage } from 'node:http';
import { newUuid } from './ids.ts';

const acceptable = /^[\w.-]{8,64}$/;
const traceparent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The gateway's id when it sent one; what comes from elsewhere is only believed when it is fit for a log. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && acceptable.test(given) ? given : newUuid();
}

/** W3C Trace Context, so that lines of several services are found together, with or without a tracing backend. */
export function traceIdOf({ headers }: IncomingMessage): string | undefined {
  const given = headers.traceparent;
  return typeof given === 'string' ? traceparent.exec(given)?.[1] : undefined;
}
