import { randomBytes } from 'node:crypto';

/** W3C Trace Context, version 00, sampled. */
export function newTraceparent(): string {
  const ids = randomBytes(24).toString('hex');
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`;
}

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
