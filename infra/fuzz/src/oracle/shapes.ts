import { createRequire } from 'node:module';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import type { JsonSchema, Operation } from '../api/document.ts';

// Both are CommonJS, whose default exports TypeScript and Node read differently.
const require = createRequire(import.meta.url);
const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
const addFormats = require('ajv-formats') as typeof import('ajv-formats').default;

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
addFormats(ajv, ['date', 'date-time', 'uri', 'uuid', 'email']);

const compiled = new WeakMap<JsonSchema, ValidateFunction>();

/** What is wrong with a value, or undefined when the schema allows it. */
export function violationOf(schema: JsonSchema, value: unknown): string | undefined {
  let validate = compiled.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  if (validate(value)) return undefined;
  const [first] = validate.errors ?? [];
  return `${first?.instancePath || 'it'} ${first?.message} ${JSON.stringify(first?.params)}`;
}

/** The schema for a status: null when it is documented to have no body, undefined when it is not documented at all. */
export function schemaFor({ responses }: Operation, status: number): JsonSchema | null | undefined {
  const own = responses[String(status)];
  return own === undefined ? responses[`${Math.floor(status / 100)}xx`] : own;
}

export const documentsSuccess = ({ responses }: Operation): boolean =>
  Object.keys(responses).some((status) => status.startsWith('2'));
