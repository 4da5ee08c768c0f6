import build, { type AnySchema } from 'fast-json-stringify';
import type { FastifySerializerCompiler } from 'fastify';
import { z } from 'zod';

// Descriptions and names are for people; without a registry no schema has any, and each is written out in place.
const nameless = z.registry<{ id?: string }>();

/**
 * fast-json-stringify from a zod schema, twice as fast as zod's own encoding. It runs no codec, transform or refinement:
 * handlers give what goes over the wire (ISO strings, plain numbers), and what the schema does not know is left out.
 */
export function serializerOf<Schema extends z.ZodType>(schema: Schema): (value: z.input<Schema>) => string {
  const jsonSchema = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'output',
    reused: 'inline',
    unrepresentable: 'any',
    metadata: nameless,
    override: ({ jsonSchema }) => preferNullable(jsonSchema),
  });
  return build(jsonSchema as AnySchema);
}

export const serializerCompiler: FastifySerializerCompiler<z.ZodType> = ({ schema }) => serializerOf(schema);

/** `anyOf: [X, null]` would run a validator for each value; `nullable` is a comparison. */
function preferNullable(schema: z.core.JSONSchema.BaseSchema): void {
  const [only, nothing, ...others] = schema.anyOf ?? [];
  if (only === undefined || nothing?.type !== 'null' || others.length > 0) return;
  delete schema.anyOf;
  Object.assign(schema, only, { nullable: true });
}
