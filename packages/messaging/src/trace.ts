import { type Context, context, propagation } from '@opentelemetry/api';

/** The W3C traceparent of what is going on now, when tracing is switched on. */
export function currentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** A context whose active span is the remote one that `traceparent` names. */
export function remoteContext(traceparent: string | undefined): Context {
  return traceparent === undefined ? context.active() : propagation.extract(context.active(), { traceparent });
}
