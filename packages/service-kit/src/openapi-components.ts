import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;
type Direction = 'input' | 'output';

/** Schemas that have a name (`.meta({ id: 'Order' })`), each written once and referred to everywhere else. */
export class SchemaComponents {
  readonly schemas: Record<string, JsonSchema> = {};
  readonly #written = new Map<string, string>();

  /** The schema, or a reference to it when it has a name. */
  add(schema: z.ZodType, direction: Direction): JsonSchema {
    const { $schema, $defs = {}, ...root } = z.toJSONSchema(schema, { io: direction, unrepresentable: 'any' });
    const names = new Map(Object.entries($defs).map(([name, inner]) => [name, this.#keep(name, inner as JsonSchema)]));
    return relinked(root, names);
  }

  /** A name whose schema differs between question and answer is two components. */
  #keep(name: string, schema: JsonSchema): string {
    const text = JSON.stringify(schema);
    const taken = this.#written.get(name);
    if (taken !== undefined && taken !== text) return this.#keep(`${name}Input`, schema);
    this.#written.set(name, text);
    this.schemas[name] = relinked(schema, new Map());
    return name;
  }
}

const referenceTo = (name: string) => `#/components/schemas/${name}`;
const local = '#/$defs/';

function relinked(schema: JsonSchema, names: ReadonlyMap<string, string>): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(local)) return value;
    const name = value.slice(local.length);
    return referenceTo(names.get(name) ?? name);
  });
}
