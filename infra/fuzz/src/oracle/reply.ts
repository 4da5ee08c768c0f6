import type { JsonSchema, Operation } from '../api/document.ts';
import { contentOf, headerOf, type Message } from '../wire/message.ts';
import type { Reply } from '../wire/reply.ts';
import { leaks } from './leaks.ts';
import { documentsSuccess, schemaFor, violationOf } from './shapes.ts';

export interface Question {
  readonly operation: Operation;
  readonly message: Message;
  /** It was broken so that another route, or none, may have answered. */
  readonly elsewhere: boolean;
  /** Through the gateway, which promises more than a service does. */
  readonly guarded: boolean;
}

/** Of every dialect, the shape of its refusals. */
export type RefusalShapes = ReadonlyMap<string, JsonSchema>;

export const refusalShapes = (operations: readonly Operation[]): RefusalShapes =>
  new Map(
    operations.flatMap(({ dialect, responses: { default: shape } }) => (shape ? [[dialect, shape] as const] : [])),
  );

/** What a reply has done that none may. */
export function faultsOf(question: Question, reply: Reply, shapes: RefusalShapes): string[] {
  return [
    ...statusFaults(question, reply),
    ...(question.guarded ? headerFaults(reply) : []),
    ...(reply.status >= 400 ? refusalFaults(question, reply, shapes) : successFaults(question, reply)),
    ...leaks(reply.body.toString('utf8'), reply.status >= 400 ? question.message.body.toString('utf8') : '').map(
      (leak) => `tells ${leak}`,
    ),
  ];
}

const acceptableFaults = new Set([503, 504]);

function statusFaults({ operation }: Question, { status, headers }: Reply): string[] {
  // Its table has no other status for what passes, which it says by when to come back.
  const passes = operation.dialect === 'subscriber' && status === 500 && headers.has('retry-after');
  return status >= 500 && !acceptableFaults.has(status) && !passes ? [`answered ${status}`] : [];
}

const required: Readonly<Record<string, RegExp>> = {
  'x-request-id': /^[\w.-]{8,64}$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'content-security-policy': /^default-src 'none';/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-resource-policy': /./,
};

function headerFaults({ headers }: Reply): string[] {
  const missing = Object.entries(required)
    .filter(([name, pattern]) => !pattern.test(headers.get(name) ?? ''))
    .map(([name]) => `lacks the header ${name}`);
  const telling = ['server', 'x-powered-by', 'via'].filter((name) => headers.has(name));
  return [...missing, ...telling.map((name) => `says what runs behind: ${name}`)];
}

function refusalFaults(
  { operation, message, elsewhere, guarded }: Question,
  reply: Reply,
  shapes: RefusalShapes,
): string[] {
  if (message.method === 'HEAD') return [];
  // Node itself refuses what names no host; a service hears from the gateway alone, which always does.
  if (!guarded && reply.body.length === 0 && headerOf(message, 'host') === undefined) return [];
  // Apps are told nothing more of what is not there or is our fault.
  const silent = operation.dialect === 'mobile' || elsewhere;
  if (silent && reply.body.length === 0 && (reply.status === 404 || reply.status >= 500)) return [];
  if (operation.dialect === 'mobile' && !elsewhere && reply.status !== 400 && reply.status !== 401) {
    return [`answers ${reply.status} with a body, which apps do not read`];
  }
  const type = reply.headers.get('content-type') ?? '';
  if (!/^application\/(problem\+)?json(;|$)/.test(type)) return [`refuses as "${type}", not as JSON`];
  const body = parsed(reply.body);
  if (body === undefined) return ['refuses with a body that is no JSON'];
  const own = shapes.get(operation.dialect);
  const candidates = elsewhere || !own ? [...shapes.values()] : [own];
  if (candidates.every((shape) => violationOf(shape, body) !== undefined)) {
    return [
      `refuses in a shape that is not ${operation.dialect}'s: ${candidates[0] && violationOf(candidates[0], body)}`,
    ];
  }
  return consistencyFaults(body as Record<string, unknown>, reply);
}

/** What the body says of itself is what the head says. */
function consistencyFaults(body: Record<string, unknown>, { status, headers }: Reply): string[] {
  const said = body.statusCode ?? body.status;
  return [
    // Not every dialect repeats it.
    ...(said === undefined || said === status ? [] : [`says ${said} in the body of a ${status}`]),
    ...(status === 429 && !/^\d+$/.test(headers.get('retry-after') ?? '') ? ['a 429 without a Retry-After'] : []),
    ...(status === 503 && headers.get('cache-control') !== 'no-store' ? ['a refusal that caches may keep'] : []),
    ...('requestId' in body && headers.has('x-request-id') && body.requestId !== headers.get('x-request-id')
      ? ['names another request than the header does']
      : []),
  ];
}

function successFaults({ operation, message, elsewhere }: Question, { status, headers, body }: Reply): string[] {
  if (elsewhere || message.method !== operation.method) return [];
  if (status === 304)
    return headerOf(message, 'if-none-match') || headerOf(message, 'if-modified-since')
      ? []
      : ['a 304 that nobody asked for'];
  if (!documentsSuccess(operation)) return [];
  const schema = schemaFor(operation, status);
  if (schema === undefined) return [`answered ${status}, which is not documented`];
  if (schema === null) return body.length === 0 || status !== 204 ? [] : ['a body where none is documented'];
  const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
  if (operation.fileTypes.includes(type)) return [];
  if (type !== 'application/json') return ['a success that is no JSON'];
  const value = parsed(body);
  const violation = value === undefined ? 'no JSON' : violationOf(schema, value);
  return violation === undefined ? [] : [`answers what its schema does not allow: ${violation}`];
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A body that the document forbids was taken. Texts are compared as the documents promise to read them: NFC, and cut at
 * both ends.
 */
export function acceptanceFault({ operation, message }: Question, { status }: Reply): string | undefined {
  if (status >= 300 || !operation.body || message.method !== operation.method) return undefined;
  const body = parsed(contentOf(message));
  if (body === undefined) return undefined;
  const violation = violationOf(operation.body, body) && violationOf(operation.body, normal(body));
  return violation === undefined ? undefined : `took a body that its document forbids: ${violation}`;
}

function normal(value: unknown): unknown {
  if (typeof value === 'string') return value.trim().normalize('NFC');
  if (Array.isArray(value)) return value.map(normal);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normal(inner)]));
}
