import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, operatorBearer, type Person } from '../people.ts';
import { system } from '../running-system.ts';
import { gateway } from '../storefront-client.ts';
import { knock } from './knock.ts';
import { matrix, type Row } from './matrix.ts';
import { openStorage, type Storage } from './snapshot.ts';
import { makeThings, type Things } from './things.ts';

/** What only we may say of somebody or something, and what would say it of everybody. */
const ours: readonly [name: string, json: string][] = [
  ...Object.entries({
    role: 'operator',
    roles: ['operator'],
    isAdmin: true,
    balance: 1_000_000,
    isVerified: true,
    isPhoneVerified: true,
    blockedAt: null,
    passwordHash: 'x',
    status: 'done',
    price: 0,
    total: 0,
    itemsTotal: 0,
    discount: 100,
    discountsApplied: [],
    id: '0'.repeat(24),
    _id: '0'.repeat(24),
    customerId: '0'.repeat(24),
    clientId: 'somebody-else',
    number: 1,
    createdAt: '2020-01-01T00:00:00.000Z',
    updatedAt: '2020-01-01T00:00:00.000Z',
  }).map(([name, value]): [string, string] => [name, JSON.stringify(value)]),
  ['__proto__', '{"role":"operator"}'],
  ['constructor', '{"prototype":{"role":"operator"}}'],
];

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  const?: unknown;
  $ref?: string;
  additionalProperties?: unknown;
}
interface Document {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: Schema }> } }>>;
  components: { schemas: Record<string, Schema> };
}

let storage: Storage;
let things: Things;
let customer: Person;
let credential: Record<string, string>;
const documents: Document[] = [];

beforeAll(async () => {
  [storage, customer] = await Promise.all([openStorage(), aCustomer()]);
  things = await makeThings(customer);
  credential = { authorization: `Bearer ${(await operatorBearer()).bearer}` };
  for (const dialect of ['storefront', 'clients', 'mobile', 'driver', 'subscriber', 'operators'])
    documents.push((await gateway.get<Document>(`/docs/${dialect}.json`)).body);
});
afterAll(() => storage.close());

/** What the document says of the row's body. */
function schemaOf({ operation }: Row): Schema {
  const [method = '', path = ''] = operation.split(' ');
  const documented = path.replaceAll(/:(\w+)/g, '{$1}');
  for (const { paths } of documents) {
    const body = paths[documented]?.[method.toLowerCase()]?.requestBody;
    if (body) return resolved(body.content['application/json']?.schema ?? {});
  }
  throw new Error(`${operation} has a body in the matrix, and none in its document.`);
}

const resolved = (schema: Schema): Schema => {
  const name = schema.$ref?.split('/').at(-1);
  return documents.map(({ components }) => components.schemas[name ?? '']).find((found) => found) ?? schema;
};

/** Of a schema that has several, the one that the body is written by. */
function variantOf(schema: Schema, body: object): Schema {
  const { anyOf, oneOf = anyOf, ...only } = resolved(schema);
  const fits = ({ items, properties = {} }: Schema) =>
    Array.isArray(body)
      ? items !== undefined
      : Object.entries(body).every(([name, value]) => properties[name] && (properties[name].const ?? value) === value);
  return oneOf?.map(resolved).find((variant) => variant.type !== 'null' && fits(variant)) ?? only;
}

/** Each object within the body, with what its schema knows; not those whose names are the caller's to choose. */
function* objectsOf(
  body: unknown,
  schema: Schema,
  path: (string | number)[] = [],
): Generator<[(string | number)[], Schema]> {
  if (typeof body !== 'object' || body === null) return;
  const known = variantOf(schema, body);
  if (Array.isArray(body)) yield* objectsOf(body[0], known.items ?? {}, [...path, 0]);
  else {
    if (known.properties) yield [path, known];
    for (const [name, value] of Object.entries(body))
      yield* objectsOf(value, known.properties?.[name] ?? {}, [...path, name]);
  }
}

/** The body as text, with one field more at the place. */
function withField(body: unknown, [step, ...rest]: (string | number)[], field: string): string {
  if (step === undefined)
    return `${JSON.stringify(body).slice(0, -1)}${JSON.stringify(body) === '{}' ? '' : ','}${field}}`;
  const entries = Object.entries(body as object).map(([name, value]) => {
    const text = name === String(step) ? withField(value, rest, field) : JSON.stringify(value);
    return Array.isArray(body) ? text : `${JSON.stringify(name)}:${text}`;
  });
  return Array.isArray(body) ? `[${entries.join()}]` : `{${entries.join()}}`;
}

const taking = matrix.filter(
  ({ operation, contentType, call }) => !contentType && /^(POST|PUT|PATCH)/.test(operation) && call,
);

describe('a field that is not the caller’s to say is a 400, and nothing is done', () => {
  test.each(taking)('$operation', async (row) => {
    const [path, body] = await row.call(things);
    if (body === undefined) return;
    const [method = ''] = row.operation.split(' ');
    const accepted: string[] = [];
    let asked = 0;
    const changed = await storage.changedBy(async () => {
      for (const [place, schema] of objectsOf(body, schemaOf(row))) {
        for (const [name, json] of ours) {
          if (Object.hasOwn(schema.properties ?? {}, name)) continue;
          const sent = withField(body, place, `${JSON.stringify(name)}:${json}`);
          const { status } = await knock(system.gatewayUrl, {
            method,
            path,
            body: sent,
            headers: { ...row.headers, ...credential },
          });
          asked += 1;
          if (status !== 400) accepted.push(`${[...place, name].join('.')}: ${status}`);
        }
      }
    });
    expect(accepted).toEqual([]);
    expect(changed).toEqual([]);
    expect(asked).toBeGreaterThan(15);
  });
});

describe('an id of somebody else in a query changes nobody’s answer', () => {
  const about = matrix.filter((row) => row.for === 'oneself' && row.operation.startsWith('GET'));
  test.each(about)('$operation', async (row) => {
    const [path] = await row.call(things);
    const {
      customer: { id, phone },
      registration: { clientId },
    } = customer;
    const someone = await aCustomer();
    const headers = { authorization: `Bearer ${someone.auth.bearer}` };
    const own = await knock(system.gatewayUrl, { method: 'GET', path, headers });
    for (const query of [
      `customerId=${id}`,
      `id=${id}`,
      `sub=${id}`,
      `clientId=${clientId}`,
      `phone=${encodeURIComponent(phone)}`,
    ]) {
      const { status, text } = await knock(system.gatewayUrl, { method: 'GET', path: `${path}?${query}`, headers });
      expect([200, 400]).toContain(status);
      if (status === 200) expect(text).toBe(own.text);
      expect(text).not.toContain(things.order._id);
    }
  });
});
