import type { JsonSchema, Operation, Parameter } from '../api/document.ts';
import { type Draft, isObject, Raw, type Value } from '../generate/draft.ts';
import type { Breakage } from './breakage.ts';
import { choices, coveted, emails, flags, ids, instants, numbers, phones, texts, types } from './values.ts';

type Steps = readonly (string | number)[];

interface Field {
  readonly steps: Steps;
  readonly name: string;
  readonly schema: JsonSchema;
}

/** Each field of the body and each parameter, broken in every way that fits its type. */
export function fieldBreakages(operation: Operation): Breakage[] {
  return [...bodyBreakages(operation), ...operation.parameters.flatMap(parameterBreakages)];
}

function bodyBreakages({ body }: Operation): Breakage[] {
  if (!body) return [];
  return fieldsOf(body, []).flatMap(({ steps, name, schema }) => {
    const place = ['body', ...steps].join('.');
    const put = (kind: string, value: Value): Breakage => ({ place, kind, onDraft: replacing(steps, value) });
    const wrong = Object.entries(waysOf(schema, name)).map(([kind, value]) => put(kind, value));
    const types_ = Object.entries(types).map(([kind, value]) => put(`type.${kind}`, value));
    const missing: Breakage[] = steps.length === 0 ? [] : [{ place, kind: 'missing', onDraft: without(steps) }];
    return [...wrong, ...types_, ...missing, ...structural(schema, steps, place)];
  });
}

function structural(schema: JsonSchema, steps: Steps, place: string): Breakage[] {
  const put = (kind: string, change: (value: Value | undefined) => Value): Breakage => ({
    place,
    kind,
    onDraft: (draft) => ({ ...draft, body: changed(draft.body, steps, change) }),
  });
  if (hasType(schema, 'array')) {
    const first = (value: Value | undefined): Value => (Array.isArray(value) && value.length > 0 ? value[0] : 'x');
    return [
      put('array.one-too-many', (value) => Array.from({ length: (schema.maxItems ?? 100) + 1 }, () => first(value))),
      put('array.many', (value) =>
        Array.from({ length: 5000 }, () => (typeof first(value) === 'object' ? 1 : first(value))),
      ),
      put('array.twice-the-same', (value) => [first(value), first(value)]),
      put('array.of-nulls', () => [null, null]),
    ];
  }
  if (!hasType(schema, 'object')) return [];
  return Object.entries(coveted)
    .filter(([name]) => !Object.hasOwn(schema.properties ?? {}, name))
    .map(([name, value]) =>
      put(`extra.${name || 'nameless'}`, (object) => ({ ...(isObject(object) ? object : {}), [name]: value })),
    );
}

function parameterBreakages({ name, in: where, schema, required }: Parameter): Breakage[] {
  const place = `${where}.${name}`;
  const put = (kind: string, value: Value): Breakage => ({
    place,
    kind,
    ...(where === 'path' && { elsewhere: true }),
    onDraft: (draft) => withParameter(draft, where, name, value),
  });
  // In a path or a query all is text; what is none in JSON is written as JSON. A header's bytes are another matter.
  const ways = Object.entries(waysOf(schema, name)).filter(
    ([, value]) => where !== 'header' || typeof value !== 'string' || (value.length < 5000 && !/[^ -~]/.test(value)),
  );
  return [
    ...ways
      .filter(([, value]) => where !== 'path' || (value !== '' && !(typeof value === 'string' && value.length > 5000)))
      .map(([kind, value]) => put(kind, asText(value))),
    ...(required && where !== 'path' ? [{ place, kind: 'missing', onDraft: dropping(where, name) }] : []),
    ...(where === 'query'
      ? [
          put('query.repeated', ['1', '2']),
          put('query.enormous', '9'.repeat(20)),
          { place, kind: 'query.bracketed', onDraft: renaming(name, `${name}[]`) },
          { place, kind: 'query.indexed', onDraft: renaming(name, `${name}[0]`) },
          { place, kind: 'query.nested', onDraft: renaming(name, `${name}[b][c]`) },
          { place, kind: 'query.far-index', onDraft: renaming(name, `${name}[4294967295]`) },
          { place, kind: 'query.upper-case', onDraft: renaming(name, name.toUpperCase()) },
          put('query.plus', new Raw('a+b')),
          put('query.broken-escape', new Raw('%E0%A4%A')),
          put('query.bad-bytes', new Raw('%ff%fe')),
          put('query.surrogate-bytes', new Raw('%ed%a0%80')),
        ]
      : []),
  ];
}

/** Kinds by the types that a schema allows, and by what its name says it is. */
function waysOf(schema: JsonSchema, name: string): Record<string, Value> {
  const named = (group: string, kinds: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(kinds).map(([kind, value]) => [`${group}.${kind}`, value]));
  return {
    ...((hasType(schema, 'number') || hasType(schema, 'integer')) && named('number', numbers)),
    ...(hasType(schema, 'boolean') && named('flag', flags)),
    ...(enumOf(schema) && named('choice', choices)),
    ...(hasType(schema, 'string') && !enumOf(schema) && named('text', texts)),
    ...(hasType(schema, 'string') && aboutLength(schema)),
    ...((/id$/i.test(name) || /^id|Slug$/.test(name) || schema.pattern?.includes('0-9a-f')) && named('id', ids)),
    ...(/phone|login/i.test(name) && named('phone', phones)),
    ...(/email|login/i.test(name) && named('email', emails)),
    ...(holdsInstants(schema) && named('instant', instants)),
    // A number in a query is a text of digits to some documents.
    ...(schema.pattern?.includes('\\d') && !holdsInstants(schema) && named('number', numbers)),
  };
}

function aboutLength({ minLength = 0, maxLength }: JsonSchema): Record<string, Value> {
  return {
    ...(minLength > 1 && { 'length.below': 'x'.repeat(minLength - 1) }),
    ...(maxLength !== undefined && { 'length.above': 'x'.repeat(maxLength + 1), 'length.most': 'я'.repeat(maxLength) }),
  };
}

const alternatives = (schema: JsonSchema): readonly JsonSchema[] => schema.anyOf ?? schema.oneOf ?? [schema];
const hasType = (schema: JsonSchema, type: string): boolean =>
  alternatives(schema).some((one) => [one.type ?? []].flat().includes(type));
const enumOf = (schema: JsonSchema) => alternatives(schema).find((one) => one.enum)?.enum;
const holdsInstants = (schema: JsonSchema) => alternatives(schema).some(({ format }) => format === 'date-time');

/** The root itself, what is in it, and of an array its first item. */
function fieldsOf(schema: JsonSchema, steps: Steps, name = ''): Field[] {
  const inner = alternatives(schema).flatMap(({ properties = {}, items, additionalProperties }) => [
    ...Object.entries(properties).flatMap(([key, one]) => fieldsOf(one, [...steps, key], key)),
    ...(items ? fieldsOf(items, [...steps, 0], name) : []),
    ...(typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, [...steps, 'any'], 'any') : []),
  ]);
  return [{ steps, name, schema }, ...inner];
}

const replacing =
  (steps: Steps, value: Value) =>
  (draft: Draft): Draft => ({ ...draft, body: changed(draft.body, steps, () => value) });

/** Parents that are not there are made, so that an optional field can be broken in any request. */
function changed(
  value: Value | undefined,
  steps: Steps,
  change: (value: Value | undefined) => Value | undefined,
): Value {
  const [step, ...rest] = steps;
  if (step === undefined) return change(value) ?? null;
  if (typeof step === 'number') {
    const items = Array.isArray(value) ? [...value] : [];
    items[step] = changed(items[step], rest, change);
    return items;
  }
  const object = isObject(value) ? { ...value } : {};
  object[step] = changed(object[step], rest, change);
  return object;
}

const without =
  (steps: Steps) =>
  (draft: Draft): Draft => ({ ...draft, body: removed(draft.body, steps) });

function removed(value: Value | undefined, [step, ...rest]: Steps): Value | undefined {
  if (Array.isArray(value) && typeof step === 'number') {
    return rest.length === 0
      ? value.filter((_, index) => index !== step)
      : value.map((item, index) => (index === step ? (removed(item, rest) ?? null) : item));
  }
  if (!isObject(value) || typeof step !== 'string' || !Object.hasOwn(value, step)) return value;
  const { [step]: gone, ...others } = value;
  return rest.length === 0 ? others : { ...others, [step]: removed(gone, rest) ?? null };
}

const asText = (value: Value): Value =>
  value instanceof Raw || typeof value === 'string'
    ? value
    : Array.isArray(value)
      ? value.map(asText)
      : JSON.stringify(value);

function withParameter(draft: Draft, where: Parameter['in'], name: string, value: Value): Draft {
  if (where === 'path') {
    return { ...draft, path: { ...draft.path, [name]: Array.isArray(value) ? JSON.stringify(value) : value } };
  }
  const key = where === 'query' ? 'query' : 'headers';
  return { ...draft, [key]: [...draft[key].filter(([given]) => given !== name), [name, value]] };
}

const dropping =
  (where: Parameter['in'], name: string) =>
  (draft: Draft): Draft => {
    const key = where === 'query' ? 'query' : 'headers';
    return { ...draft, [key]: draft[key].filter(([given]) => given !== name) };
  };

const renaming =
  (from: string, to: string) =>
  (draft: Draft): Draft => {
    const value = draft.query.find(([name]) => name === from)?.[1] ?? '1';
    return { ...draft, query: [...draft.query.filter(([name]) => name !== from), [to, value]] };
  };
