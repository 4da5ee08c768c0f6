import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
// The schemas alone: the package's index compiles those of all versions at once, which takes seconds and 230 MB.
import * as of16 from 'typed-ocpp/dist/ocpp16/schemas.js';
import * as of201 from 'typed-ocpp/dist/ocpp20/schemas.js';
import type { CallErrorCode, Payload, Protocol } from '../ocpp/frame.ts';

export interface Fault {
  readonly code: CallErrorCode;
  /** Where, and what is wrong. */
  readonly text: string;
}

const schemas: Readonly<Record<Protocol, Readonly<Record<string, object>>>> = {
  'ocpp1.6': { ...of16 },
  'ocpp2.0.1': { ...of201 },
};
const ajv = addFormats.default(new Ajv({ strict: false, multipleOfPrecision: 3 }));
const compiled = new Map<string, ValidateFunction>();

/** Whether the Open Charge Alliance has such a message. */
export const isAction = (protocol: Protocol, action: string): boolean =>
  Object.hasOwn(schemas[protocol], `${action}Request`);

/** What the Open Charge Alliance's schema has against a call; null: nothing. What is in it besides does no harm. */
export function faultIn(protocol: Protocol, action: string, payload: Payload): Fault | null {
  const validate = validatorOf(protocol, action);
  if (validate(payload)) return null;
  const [error] = validate.errors ?? [];
  return error
    ? { code: codeOf(error), text: `${error.instancePath || '/'} ${error.message ?? error.keyword}`.slice(0, 200) }
    : null;
}

/** Compiled when the first such call comes. */
function validatorOf(protocol: Protocol, action: string): ValidateFunction {
  const name = `${protocol} ${action}`;
  const known = compiled.get(name);
  if (known) return known;
  const made = ajv.compile(open(schemas[protocol][`${action}Request`] as object) as object);
  compiled.set(name, made);
  return made;
}

function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, inner]) =>
      (key === 'additionalProperties' && inner === false) || key === '$id' ? [] : [[key, open(inner)]],
    ),
  );
}

function codeOf({ keyword }: ErrorObject): CallErrorCode {
  if (keyword === 'type') return 'TypeConstraintViolation';
  if (keyword === 'required' || keyword === 'minItems' || keyword === 'maxItems')
    return 'OccurrenceConstraintViolation';
  return 'PropertyConstraintViolation';
}
