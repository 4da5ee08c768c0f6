import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
// The schemas alone: the package's index compiles those of all versions at once, which takes seconds and 230 MB.
import * as of16 from 'typed-ocpp/dist/ocpp16/schemas.js';
import * as of201 from 'typed-ocpp/dist/ocpp20/schemas.js';

export type Version = '1.6' | '2.0.1';
export type Payload = Record<string, unknown>;

const schemas: Record<Version, Record<string, object>> = { '1.6': { ...of16 }, '2.0.1': { ...of201 } };
const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true, multipleOfPrecision: 3 }));

/** Whether the Open Charge Alliance has such a message. */
export const isAction = (version: Version, action: string): boolean => `${action}Request` in schemas[version];

/** What the Open Charge Alliance's schema has against a payload; nothing when it is as it should be. */
export function faultsOf(version: Version, kind: 'Request' | 'Response', action: string, payload: unknown): string[] {
  const schema = schemas[version][`${action}${kind}`];
  if (!schema) return [`OCPP ${version} has no ${action}`];
  if (ajv.validate(schema, payload)) return [];
  return (ajv.errors ?? []).map(({ instancePath, message, params }) =>
    `${action}${kind}${instancePath} ${message} ${'additionalProperty' in params ? params.additionalProperty : ''}`.trimEnd(),
  );
}
