import fc from 'fast-check';
import type { Operation, Parameter } from '../api/document.ts';
import { type Actor, about, type Draft, type Value } from './draft.ts';
import { valuesOf } from './schema.ts';
import { uploadsFor } from './upload.ts';

/** Requests that the document allows; of those who may make them, and now and then of those who may not. */
export function requestsOf(operation: Operation): fc.Arbitrary<Draft> {
  const parametersIn = (where: Parameter['in']) => {
    const parameters = operation.parameters.filter((one) => one.in === where);
    const siblings = parameters.map(({ name }) => name);
    const fields = Object.fromEntries(
      parameters.map(({ name, schema }) => [
        name,
        valuesOf(schema, { in: where, name, path: operation.path, siblings }),
      ]),
    );
    const requiredKeys = parameters.filter(({ required }) => required).map(({ name }) => name);
    return fc.record(fields, { requiredKeys, noNullPrototype: true }) as fc.Arbitrary<Record<string, Value>>;
  };
  const body: fc.Arbitrary<Value | undefined> = operation.body
    ? valuesOf(operation.body, { in: 'body', name: '', path: operation.path, siblings: [] })
    : operation.bodyType === undefined
      ? fc.constant(undefined)
      : uploadsFor(operation);
  return fc
    .record({
      actor: actorsOf(operation),
      // What was made last is what can be removed: nothing refers to it yet.
      at: fc.nat(operation.method === 'DELETE' ? 2 : 1000),
      path: parametersIn('path'),
      query: parametersIn('query'),
      headers: parametersIn('header'),
      body,
      language: fc.option(fc.constantFrom('uk', 'en', 'ru;q=0.5, ka', 'mn-MN'), { freq: 3, nil: undefined }),
    })
    .map(({ actor, at, path, query, headers, body: content, language }) => ({
      operation,
      actor,
      path: about(path, at) as Record<string, Value>,
      query: Object.entries(about(query, at) as Record<string, Value>),
      headers: [
        ...Object.entries(about(headers, at) as Record<string, Value>),
        ...(language === undefined ? [] : [['accept-language', language] as const]),
      ],
      body: content === undefined ? undefined : about(content, at),
    }));
}

/**
 * Staff's own calls are the operators', and so are those of partners and about somebody by their id; everybody else's are
 * the customers'. An operator changes nothing of a shop's.
 */
function actorsOf({ path, authenticated, method }: Operation): fc.Arbitrary<Actor> {
  if (/^\/(admin|dev)\/|^\/products\/sync$|\/\{client_id\}/.test(path)) {
    return fc.oneof(
      { weight: 12, arbitrary: fc.constant('operator' as const) },
      { weight: 1, arbitrary: fc.constantFrom<Actor[]>('customer', 'nobody') },
    );
  }
  const strangers: Actor[] = method === 'GET' ? ['nobody', 'operator'] : ['nobody'];
  const customers = fc.oneof(
    { weight: 3, arbitrary: fc.constant('customer' as const) },
    { weight: 1, arbitrary: fc.constant('other' as const) },
  );
  const weight = authenticated === 'required' ? 8 : 1;
  return fc.oneof({ weight, arbitrary: customers }, { weight: 1, arbitrary: fc.constantFrom(...strangers) });
}
