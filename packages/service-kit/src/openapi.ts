import type { Dialect } from '@forecourt/dialects';
import type { FastifySchema, RouteOptions } from 'fastify';
import { z } from 'zod';
import { type Security, securityOf } from './auth.ts';
import { type JsonSchema, SchemaComponents } from './openapi-components.ts';

declare module 'fastify' {
  interface FastifySchema {
    operationId?: string;
    summary?: string;
    description?: string;
    tags?: readonly string[];
    deprecated?: boolean;
    /** Of a route that reads files instead of JSON: their types. */
    consumes?: readonly string[];
    /** Of a route that answers with a file when asked to: the types that it knows beside JSON. */
    produces?: readonly string[];
  }
}

export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string };
  paths: Record<string, Record<string, unknown>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, unknown> };
}

/** The routes behind each door, as OpenAPI 3.1, from the very schemas that check and write the bodies. */
export interface ApiDocuments {
  add(dialect: Dialect, route: RouteOptions): void;
  of(dialectName: string): OpenApiDocument | undefined;
}

export function createApiDocuments(): ApiDocuments {
  const doors = new Map<string, { dialect: Dialect; routes: RouteOptions[]; document?: OpenApiDocument }>();
  return {
    add: (dialect, route) => {
      const door = doors.get(dialect.name) ?? { dialect, routes: [] };
      doors.set(dialect.name, door);
      door.routes.push(route);
    },
    of: (dialectName) => {
      const door = doors.get(dialectName);
      if (door) door.document ??= describe(door.dialect, door.routes);
      return door?.document;
    },
  };
}

function describe(dialect: Dialect, routes: readonly RouteOptions[]): OpenApiDocument {
  const components = new SchemaComponents();
  const refusal = {
    description: 'A refusal.',
    content: { 'application/json': { schema: components.add(dialect.errorBody, 'output') } },
  };
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    for (const method of [route.method].flat().filter((name) => name !== 'HEAD')) {
      const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(route, dialect, components, refusal) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: dialect.title, version: '1.0.0' },
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function operationOf(route: RouteOptions, dialect: Dialect, components: SchemaComponents, refusal: unknown) {
  const {
    operationId,
    summary,
    description,
    tags,
    deprecated,
    params,
    querystring,
    headers,
    body,
    response,
    consumes,
    produces,
  } = route.schema ?? ({} as FastifySchema);
  const security = securities(securityOf(route.onRequest));
  return {
    ...(operationId && { operationId }),
    ...(summary && { summary }),
    ...(description && { description }),
    tags: tags ?? [dialect.name],
    ...(deprecated && { deprecated }),
    ...(security && { security }),
    parameters: [
      ...parametersOf(params, 'path'),
      ...parametersOf(querystring, 'query'),
      ...parametersOf(headers, 'header'),
    ],
    ...(body instanceof z.ZodType && {
      requestBody: {
        required: !body.safeParse(undefined).success,
        content: { 'application/json': { schema: components.add(body, 'input') } },
      },
    }),
    ...(consumes && {
      requestBody: {
        required: true,
        content: Object.fromEntries(consumes.map((type) => [type, { schema: { type: 'string' } }])),
      },
    }),
    responses: { ...responsesOf(response, components, produces), default: refusal },
  };
}

const securities = (security: Security | undefined) =>
  security && [{ bearer: [] }, ...(security === 'optional' ? [{}] : [])];

// Parameters are listed one by one, so their object needs no name.
const nameless = z.registry<{ id?: string }>();

function parametersOf(schema: unknown, place: 'path' | 'query' | 'header') {
  if (!(schema instanceof z.ZodType)) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    metadata: nameless,
  });
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function responsesOf(response: unknown, components: SchemaComponents, produces: readonly string[] = []) {
  const files = Object.fromEntries(produces.map((type) => [type, { schema: { type: 'string' } }]));
  // What only ever answers with a file has no schema to write it by.
  if (response === undefined && produces.length > 0) return { 200: { description: 'The answer.', content: files } };
  return Object.fromEntries(
    Object.entries(response ?? {}).map(([status, schema]) => [
      status.toUpperCase(),
      {
        description: (schema instanceof z.ZodType && schema.description) || 'The answer.',
        ...(schema instanceof z.ZodType &&
          !bodiless.has(status) && {
            content: {
              'application/json': { schema: components.add(schema, 'output') },
              ...(status === '200' && files),
            },
          }),
      },
    ]),
  );
}

const bodiless = new Set(['204', '304']);
