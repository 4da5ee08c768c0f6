import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export interface TraceHeaders {
  traceparent?: string;
  tracestate?: string;
}

/** What goes on now, in W3C headers; empty when tracing is off. */
export function currentTrace(): TraceHeaders {
  const carrier: TraceHeaders = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

const tracer = () => trace.getTracer('@forecourt/messaging');

const remote = (headers: TraceHeaders): Context => propagation.extract(ROOT_CONTEXT, headers);

/** A question that another process waits for: part of its trace. */
export const answering = <T>(subject: string, headers: TraceHeaders, work: () => Promise<T>): Promise<T> =>
  tracer().startActiveSpan(`answer ${subject}`, { kind: SpanKind.SERVER }, remote(headers), finishing(work));

export const asking = <T>(subject: string, work: () => Promise<T>): Promise<T> =>
  tracer().startActiveSpan(`ask ${subject}`, { kind: SpanKind.CLIENT }, finishing(work));

/** Events that may be applied days later: a trace of their own, linked to those that told them. */
export function applying<T>(
  durable: string,
  traceparents: readonly (string | undefined)[],
  work: () => Promise<T>,
): Promise<T> {
  const links = traceparents.flatMap((traceparent) => {
    const teller = traceparent === undefined ? undefined : trace.getSpanContext(remote({ traceparent }));
    return teller === undefined ? [] : [{ context: teller }];
  });
  return tracer().startActiveSpan(`apply ${durable}`, { kind: SpanKind.CONSUMER, root: true, links }, finishing(work));
}

const finishing =
  <T>(work: () => Promise<T>) =>
  async (span: Span): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };
