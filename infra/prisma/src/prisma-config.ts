import { resolve } from 'node:path';
import type { PrismaConfig } from 'prisma/config';

/** Prisma's own engine is a download; ours is its WASM build behind the same command line. */
const schemaEngine = resolve(import.meta.dirname, '../schema-engine.mjs');

/**
 * What `apps/<service>/prisma.config.ts` exports. The address comes from DATABASE_URL, and the schema is the service's own;
 * `generate` and `validate` need neither. A plain object, since Prisma's loader reads this file in its own way.
 */
export function prismaConfig(service: string): PrismaConfig {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= schemaEngine;
  const address = process.env.DATABASE_URL;
  return {
    schema: 'prisma/schema.prisma',
    migrations: { path: 'prisma/migrations' },
    ...(address && { datasource: { url: schemaUrl(address, service) } }),
  };
}

/** Prisma names the schema in the URL; Postgres itself does not know this parameter. */
export function schemaUrl(address: string, schema: string): string {
  const url = new URL(address);
  url.searchParams.set('schema', schema);
  return url.toString();
}
