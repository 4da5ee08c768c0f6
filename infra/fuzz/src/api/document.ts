import type { Connection } from '../wire/connection.ts';

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

/** One documented call: everything that is fuzzed follows from it. */
export interface Operation {
  /** `POST /orders` */
  readonly name: string;
  readonly dialect: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** What a JSON body must be; undefined when the call takes none. */
  readonly body: JsonSchema | undefined;
  /** Of a body that is no JSON: an upload. */
  readonly bodyType: string | undefined;
  readonly authenticated: 'never' | 'optional' | 'required';
  /** By status, `default` for refusals; null where there is no body to describe. */
  readonly responses: Readonly<Record<string, JsonSchema | null>>;
  /** Of files that a success may be, beside JSON. */
  readonly fileTypes: readonly string[];
}

interface Media {
  content?: Record<string, { schema?: JsonSchema }>;
}

interface OpenApi {
  info?: { description?: string };
  paths?: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, JsonSchema> };
}

interface RawOperation {
  parameters?: Parameter[];
  requestBody?: Media;
  responses?: Record<string, Media>;
  security?: Record<string, unknown>[];
}

/** Every call of every document that the gateway shows on its page of documents. */
export async function readOperations(gateway: Connection): Promise<Operation[]> {
  const page = await get(gateway, '/docs/ui/init.js');
  const documents = [...new Set(page.match(/\/docs\/[\w-]+\.json/g) ?? [])];
  if (documents.length === 0) throw new Error('the gateway names no API documents');
  const operations: Operation[] = [];
  for (const path of documents) {
    const document = JSON.parse(await get(gateway, path)) as OpenApi;
    if (document.info?.description?.startsWith('Incomplete')) throw new Error(`${path}: ${document.info.description}`);
    operations.push(...operationsOf(document, /(\w+)\.json$/.exec(path)?.[1] ?? path));
  }
  return operations;
}

async function get(connection: Connection, target: string): Promise<string> {
  const outcome = await connection.send({
    method: 'GET',
    target,
    headers: [['host', 'localhost']],
    body: Buffer.alloc(0),
  });
  if (outcome.kind !== 'reply' || outcome.reply.status !== 200) throw new Error(`${target} cannot be read`);
  return outcome.reply.body.toString();
}

function operationsOf(document: OpenApi, dialect: string): Operation[] {
  const resolve = resolverOf(document);
  return Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const content = Object.entries(operation.requestBody?.content ?? {});
      const json = content.find(([type]) => type === 'application/json')?.[1].schema;
      const secured = operation.security ?? [];
      return {
        name: `${method.toUpperCase()} ${path}`,
        dialect,
        method: method.toUpperCase(),
        path,
        parameters: (operation.parameters ?? []).map((one) => ({ ...one, schema: resolve(one.schema) })),
        body: json && resolve(json),
        bodyType: json ? undefined : content[0]?.[0],
        authenticated:
          secured.length === 0
            ? 'never'
            : secured.some((way) => Object.keys(way).length === 0)
              ? 'optional'
              : 'required',
        responses: Object.fromEntries(
          Object.entries(operation.responses ?? {}).map(([status, { content: media }]) => {
            const schema = media?.['application/json']?.schema;
            return [status.toLowerCase(), schema ? resolve(schema) : null];
          }),
        ),
        fileTypes: Object.keys(operation.responses?.['200']?.content ?? {}).filter(
          (type) => type !== 'application/json',
        ),
      };
    }),
  );
}

/** References replaced by what they refer to; the documents have no schema that holds itself. */
function resolverOf({ components }: OpenApi): (schema: JsonSchema) => JsonSchema {
  const resolve = (value: unknown, depth: number): unknown => {
    if (depth > 40) throw new Error('a schema that holds itself');
    if (Array.isArray(value)) return value.map((item) => resolve(item, depth + 1));
    if (value === null || typeof value !== 'object') return value;
    const { $ref } = value as JsonSchema;
    if ($ref === undefined) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolve(inner, depth + 1)]));
    }
    const name = $ref.split('/').at(-1) as string;
    const target = components?.schemas?.[name];
    if (!target) throw new Error(`${$ref} leads nowhere`);
    return resolve(target, depth + 1);
  };
  return (schema) => resolve(schema, 0) as JsonSchema;
}
