import { randomUUID } from 'node:crypto';

/** W3C Trace Context, version 00, sampled. Node keeps randomness for UUIDs in stock, which makes these cheap. */
export function newTraceparent(): string {
  return `00-${randomUUID().replaceAll('-', '')}-${randomUUID().replaceAll('-', '').slice(16)}-01`;
}

interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** Of a span that is sent to somebody; what a service does is then its child. */
export const traceparentOf = ({ traceId, spanId }: SpanContext): string => `00-${traceId}-${spanId}-01`;

export const traceIdOf = (traceparent: string): string => traceparent.slice(3, 35);
