import { randomUUID } from 'node:crypto';

/** W3C Trace Context, version 00, sampled. Node keeps randomness for UUIDs in stock, which makes these cheap. */
export function newTraceparent(): string {
  return `00-${randomUUID().replaceAll('-', '')}-${randomUUID().replaceAll('-', '').slice(16)}-01`;
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
