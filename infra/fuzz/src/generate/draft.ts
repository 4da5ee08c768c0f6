import type { Operation } from '../api/document.ts';
import { asLatin1, type Header, type Message } from '../wire/message.ts';

/** Who asks. Each has a session of their own; `other` is a customer whose things are nobody else's business. */
export type Actor = 'nobody' | 'customer' | 'other' | 'operator';

/**
 * A fact about something that exists in the system, looked up when the request is written: the same seed means the same
 * request in another system, whose ids are others.
 */
export class Ref {
  readonly collection: string;
  readonly field: string;
  /** Which one, counted round and round; undefined: the one that the things around it are about. */
  readonly at: number | undefined;

  constructor(collection: string, field: string, at?: number) {
    this.collection = collection;
    this.field = field;
    this.at = at;
  }
}

/** Written into the request to the letter: a JSON literal, or a part of a path, that no value has. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Value =
  | null
  | boolean
  | number
  | string
  | Ref
  | Raw
  | readonly Value[]
  | { readonly [name: string]: Value };

/** A request in parts that can still be named, and so be broken one by one. */
export interface Draft {
  readonly operation: Operation;
  readonly actor: Actor;
  readonly path: Readonly<Record<string, Value>>;
  readonly query: readonly (readonly [name: string, value: Value])[];
  readonly headers: readonly (readonly [name: string, value: Value])[];
  /** JSON, or the text of an upload. */
  readonly body: Value | undefined;
}

export interface Facts {
  /** The fact, or undefined when nothing of that kind is known. */
  look(ref: Ref): string | number | null | undefined;
  /** `Bearer …`, or undefined for nobody. */
  authorization(actor: Actor, operation: Operation): string | undefined;
  /** Headers of a signature, where that is needed in place of it. */
  signature?(operation: Operation): readonly Header[] | undefined;
}

export const isObject = (value: Value | undefined): value is { readonly [name: string]: Value } =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Ref || value instanceof Raw);

/** An id that nothing has, for what is not there. */
const nothing = '000000000000000000000000';

export function write(draft: Draft, facts: Facts): Message {
  const { operation } = draft;
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(draft.path[name] ?? '', facts));
  const query = draft.query.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${percent(name)}=${segment(one, facts)}`),
  );
  const body = bodyOf(draft, facts);
  const signature = draft.actor === 'nobody' ? undefined : facts.signature?.(operation);
  const authorization = signature ? undefined : facts.authorization(draft.actor, operation);
  const headers: Header[] = [
    ['host', 'localhost'],
    ...(authorization === undefined ? [] : [['authorization', authorization] as const]),
    ...(signature ?? []),
    ...(operation.dialect === 'mobile' ? [['hive-profile', 'demo'] as const] : []),
    ...draft.headers.map(([name, value]) => [name, asLatin1(plain(value, facts))] as const),
    ...(body === undefined
      ? []
      : [
          ['content-type', operation.bodyType ?? 'application/json'] as const,
          ['content-length', String(body.length)] as const,
        ]),
  ];
  return {
    method: operation.method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body: body ?? Buffer.alloc(0),
  };
}

function bodyOf({ operation, body }: Draft, facts: Facts): Buffer | undefined {
  if (body === undefined) {
    // A call without a body that changes something says that there is none, as browsers do.
    return undefined;
  }
  if (operation.bodyType !== undefined && typeof body === 'string') return Buffer.from(filled(body, facts));
  return Buffer.from(toJson(body, facts));
}

/** `{{products.sku.3}}` in an upload is a fact like any other. */
const filled = (text: string, facts: Facts) =>
  text.replaceAll(/\{\{(\w+)\.(\w+)\.(\d+)\}\}/g, (_, collection: string, field: string, at: string) =>
    String(facts.look(new Ref(collection, field, Number(at))) ?? nothing),
  );

function toJson(value: Value, facts: Facts): string {
  if (value instanceof Raw) return value.text;
  if (value instanceof Ref) return JSON.stringify(facts.look(value) ?? nothing);
  if (Array.isArray(value)) return `[${value.map((item) => toJson(item, facts)).join(',')}]`;
  if (isObject(value)) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${JSON.stringify(name)}:${toJson(inner, facts)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

const plain = (value: Value, facts: Facts): string => {
  if (value instanceof Raw) return value.text;
  if (value instanceof Ref) return String(facts.look(value) ?? nothing);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const segment = (value: Value, facts: Facts): string =>
  value instanceof Raw ? value.text : percent(plain(value, facts));

/** Every byte outside the unreserved ones; a lone surrogate too, in the bytes that it would have. */
const percent = (text: string): string =>
  [...text].map((sign) => (/[\w.~-]/.test(sign) ? sign : bytesOf(sign))).join('');

function bytesOf(sign: string): string {
  const code = sign.charCodeAt(0);
  const lone = sign.length === 1 && code >= 0xd800 && code <= 0xdfff;
  const bytes = lone ? [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)] : Buffer.from(sign);
  return [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

/** Facts without a place of their own, in one thing, are about the same thing. */
export function about(value: Value, at: number): Value {
  if (value instanceof Ref) return value.at === undefined ? new Ref(value.collection, value.field, at) : value;
  if (Array.isArray(value)) return value.map((item, index) => about(item, at + index));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, about(inner, at)]));
  return value;
}
