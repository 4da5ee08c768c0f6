import { sessionCookie } from '@forecourt/contracts';
import type { Json, merge } from './merge.ts';

type Document = ReturnType<typeof merge>;

const description = [
  '`hmac {id}:{nonce}:{digest}`, with the digest in base64 of an HMAC-SHA256 by the device key over method, path without',
  'its query, `Date` or `X-Hive-Date`, and nonce, one right after the other. Each request is taken once, within ten minutes of',
  'its date.',
].join(' ');

const schemes = {
  signature: { type: 'apiKey', in: 'header', name: 'Authentication', description },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookie,
    description: 'Set by `/validate`. What changes something by it alone must come from a page of this origin.',
  },
};
const instead = Object.keys(schemes).map((name) => ({ [name]: [] }));

/** Services know bearer tokens alone; it is the gateway that takes other credentials wherever one would do. */
export function withCredentials(document: Document): Document {
  const { paths = {}, components = {} } = document;
  const bearing = Object.values(paths).some((operations) => Object.values(operations).some(takesBearer));
  if (!bearing) return document;
  const securitySchemes = { ...components.securitySchemes, ...schemes };
  return {
    ...document,
    components: { ...components, securitySchemes },
    paths: mapped(paths, (operations) => mapped(operations, (operation) => openable(operation))),
  };
}

const mapped = <Value>(record: Record<string, Value>, change: (value: Value) => Value): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

const waysOf = (operation: Json): Record<string, unknown>[] => {
  const { security = [] } = (operation ?? {}) as { security?: Record<string, unknown>[] };
  return security;
};

const takesBearer = (operation: Json): boolean => waysOf(operation).some((way) => 'bearer' in way);

function openable(operation: Json): Json {
  if (!takesBearer(operation)) return operation;
  const security = waysOf(operation).flatMap((way) => ('bearer' in way ? [way, ...instead] : [way]));
  return { ...(operation as object), security } as Json;
}
