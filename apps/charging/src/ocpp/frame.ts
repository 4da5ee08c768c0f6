/** The versions that we speak, by the names under which WebSocket knows them. */
export const protocols = ['ocpp1.6', 'ocpp2.0.1'] as const;
export type Protocol = (typeof protocols)[number];

/**
 * Why a call is refused, in the words of 2.0.1. Version 1.6 spells two of them otherwise, and lacks some: what goes out
 * is spelled by {@link errorCodeOf}.
 */
export type CallErrorCode =
  | 'FormatViolation'
  | 'GenericError'
  | 'InternalError'
  | 'MessageTypeNotSupported'
  | 'NotImplemented'
  | 'NotSupported'
  | 'OccurrenceConstraintViolation'
  | 'PropertyConstraintViolation'
  | 'ProtocolError'
  | 'RpcFrameworkError'
  | 'SecurityError'
  | 'TypeConstraintViolation';

/** A door throws it; the station gets it in place of an answer. */
export class CallError extends Error {
  readonly code: CallErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: CallErrorCode, description = '', details: Readonly<Record<string, unknown>> = {}) {
    super(description);
    this.name = 'CallError';
    this.code = code;
    this.details = details;
  }
}

const of16: Partial<Record<CallErrorCode, string>> = {
  FormatViolation: 'FormationViolation',
  // as its schema has it; its errata spell it right, and what stations send is read by nobody's spelling
  OccurrenceConstraintViolation: 'OccurenceConstraintViolation',
  MessageTypeNotSupported: 'ProtocolError',
  RpcFrameworkError: 'ProtocolError',
};

export const errorCodeOf = (protocol: Protocol, code: CallErrorCode): string =>
  protocol === 'ocpp1.6' ? (of16[code] ?? code) : code;

/** One code under both of its spellings, whichever a station uses. */
const respelled: Readonly<Record<string, CallErrorCode>> = {
  FormationViolation: 'FormatViolation',
  OccurenceConstraintViolation: 'OccurrenceConstraintViolation',
};

export type Payload = Readonly<Record<string, unknown>>;

export type Frame =
  | { readonly kind: 'call'; readonly id: string; readonly action: string; readonly payload: Payload }
  | { readonly kind: 'result'; readonly id: string; readonly payload: unknown }
  | {
      readonly kind: 'error';
      readonly id: string;
      readonly code: string;
      readonly description: string;
      readonly details: unknown;
    }
  /** A call, or something like one, that is not formed as it must be. `id` when it has one that can be answered. */
  | { readonly kind: 'malformed'; readonly id: string | null; readonly code: CallErrorCode; readonly reason: string }
  /** A bad answer, or no JSON at all. */
  | { readonly kind: 'unreadable'; readonly reason: string };

export type BadFrame = Extract<Frame, { kind: 'unreadable' | 'malformed' }>;

/** The documents say 36; some firmwares send more, which does no harm. */
const longestId = 128;
const longestAction = 64;

const isId = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= longestId;
const isPayload = (value: unknown): value is Payload =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function readFrame(text: string): Frame {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', reason: 'no JSON' };
  }
  if (!Array.isArray(message)) return { kind: 'unreadable', reason: 'no array' };
  const tooDeep = isDeeperThan(deepest, message);
  const [type, id, ...rest] = (unstorable.test(text) && !tooDeep ? storable(message) : message) as unknown[];
  if (tooDeep) {
    return type === 2 && isId(id)
      ? malformed(id, 'FormatViolation', 'nested too deeply')
      : { kind: 'unreadable', reason: 'nested too deeply' };
  }
  if (type === 2) return readCall(id, rest);
  if (type === 3) return isId(id) ? { kind: 'result', id, payload: rest[0] } : notOurs;
  if (type === 4) return isId(id) ? readError(id, rest) : notOurs;
  return {
    kind: 'malformed',
    id: isId(id) ? id : null,
    code: 'MessageTypeNotSupported',
    reason: 'no such type of message',
  };
}

/** No message of OCPP comes near it. Whoever writes such a thing again, or looks through it, would run out of stack. */
const deepest = 24;

const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

const notOurs: Frame = { kind: 'unreadable', reason: 'an answer without an id' };

function readCall(id: unknown, [action, payload]: unknown[]): Frame {
  if (!isId(id)) return malformed(null, 'RpcFrameworkError', 'a call without an id');
  if (typeof action !== 'string' || action === '' || action.length > longestAction) {
    return malformed(id, 'FormatViolation', 'a call without an action');
  }
  if (!isPayload(payload)) return malformed(id, 'FormatViolation', 'a call without a payload');
  return { kind: 'call', id, action, payload };
}

const malformed = (id: string | null, code: CallErrorCode, reason: string): Frame => ({
  kind: 'malformed',
  id,
  code,
  reason,
});

function readError(id: string, [code, description, details]: unknown[]): Frame {
  const word = typeof code === 'string' ? code.slice(0, longestAction) : '';
  return {
    kind: 'error',
    id,
    code: respelled[word] ?? word,
    description: typeof description === 'string' ? description.slice(0, 1_000) : '',
    details: details ?? {},
  };
}

/** Escapes of what no text column takes: NUL, and halves of characters. */
const unstorable = /\\u(?:0000|d[89a-f])/i;

/** The same with those replaced, so that no station's word can make a statement fail for ever. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(storable);
  if (!isPayload(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]));
}

export const writeCall = (id: string, action: string, payload: Payload): string =>
  JSON.stringify([2, id, action, payload]);

export const writeResult = (id: string, payload: Payload): string => JSON.stringify([3, id, payload]);

export const writeError = (
  protocol: Protocol,
  id: string,
  { code, message, details }: Pick<CallError, 'code' | 'message' | 'details'>,
): string => JSON.stringify([4, id, errorCodeOf(protocol, code), message.slice(0, 255), details]);

/** 1.6 answers what has an id, and is silent about the rest; 2.0.1 answers all but answers, under the id "-1". */
export function answerToBad(protocol: Protocol, frame: BadFrame, text: string): string | null {
  if (frame.kind === 'unreadable') {
    if (protocol === 'ocpp1.6' || looksLikeAnAnswer.test(text)) return null;
    return writeError(protocol, '-1', new CallError('RpcFrameworkError', frame.reason));
  }
  const { id, code, reason } = frame;
  if (protocol === 'ocpp1.6' && (id === null || code === 'MessageTypeNotSupported')) return null;
  return writeError(protocol, id ?? '-1', new CallError(code, reason));
}

const looksLikeAnAnswer = /^\s*\[\s*[34]\b/;
