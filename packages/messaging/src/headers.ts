import { headers, type MsgHdrs } from '@nats-io/transport-node';

/** What an event's envelope says, in CloudEvents' words. */
export interface Envelope {
  readonly id: string;
  /** The contract's subject, without a stream prefix. */
  readonly type: string;
  readonly time: Date;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly traceparent: string | null;
  /** Its place among the events of its type: see `Sequence`. */
  readonly sequence?: string;
}

/** CloudEvents 1.0 in binary mode: attributes in `ce-` headers, the data alone in the body. */
export function cloudEventHeaders(event: Envelope): MsgHdrs {
  const result = headers();
  result.set('ce-specversion', '1.0');
  result.set('ce-id', event.id);
  result.set('ce-type', event.type);
  result.set('ce-source', `/${event.type.slice(0, event.type.indexOf('.'))}`);
  result.set('ce-time', event.time.toISOString());
  result.set('ce-subject', escaped(event.aggregateId));
  result.set('ce-dataschema', `urn:forecourt:${event.type}`);
  result.set('ce-aggregateversion', String(event.aggregateVersion));
  if (event.sequence !== undefined) result.set('ce-sequence', event.sequence);
  result.set('content-type', 'application/json');
  if (event.traceparent !== null) result.set('traceparent', event.traceparent);
  return result;
}

export type PlainHeaders = Readonly<Record<string, string>>;

export function plainHeaders(from: MsgHdrs | undefined): PlainHeaders {
  const plain: Record<string, string> = {};
  for (const key of from?.keys() ?? []) plain[key.toLowerCase()] = from?.get(key) ?? '';
  return plain;
}

/** Never throws: a message without a usable envelope is still counted, ordered and buried under some name. */
export function readEnvelope(
  plain: PlainHeaders,
  fallbackId: string,
): { id: string; time: Date; aggregateId: string; traceparent: string | undefined } {
  const time = new Date(plain['ce-time'] ?? Number.NaN);
  return {
    id: plain['ce-id'] || plain['nats-msg-id'] || fallbackId,
    time: Number.isNaN(time.getTime()) ? new Date() : time,
    aggregateId: unescaped(plain['ce-subject'] ?? ''),
    traceparent: plain.traceparent,
  };
}

/** As CloudEvents' HTTP binding asks: printable ASCII stays, but for space, quote and per cent. */
const escaped = (text: string) => text.toWellFormed().replace(/[^\x21\x23\x24\x26-\x7e]/gu, encodeURIComponent);

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
