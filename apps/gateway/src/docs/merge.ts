import type { Dialect } from '@forecourt/dialects';
import { type Row, rowAt } from '../routes.ts';
import { toBeginWith } from './first-request.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Section = Record<string, Json>;

/** As much of an OpenAPI document as merging needs to know. */
export interface OpenApi {
  openapi?: string;
  paths?: Record<string, Section>;
  components?: Record<string, Section>;
  tags?: { name: string }[];
}

export interface Part {
  readonly service: string;
  /** Null when the service did not answer. */
  readonly document: OpenApi | null;
}

/**
 * One document for one dialect, from what each service says about its part. Only paths that the table of routes lets
 * the world reach are in it. Equally named components that differ get their service's name in front.
 */
export function merge(
  { title, firstRequest }: Pick<Dialect, 'title' | 'firstRequest'>,
  parts: readonly Part[],
  rows: readonly Row[],
): OpenApi & { info: Section } {
  const absent = parts.filter(({ document }) => document === null).map(({ service }) => service);
  const merged = {
    openapi: '3.1.0',
    info: {
      title,
      version: '1',
      description: [
        toBeginWith(firstRequest),
        ...(absent.length > 0 ? [`Incomplete: ${absent.join(', ')} did not answer.`] : []),
      ].join('\n\n'),
    } as Section,
    servers: [{ url: '/' }],
    tags: [] as { name: string }[],
    paths: {} as Record<string, Section>,
    components: {} as Record<string, Section>,
  };
  for (const { service, document } of parts) {
    if (document === null) continue;
    const { paths = {}, components = {}, tags = [] } = prefixCollisions(document, merged.components, service);
    for (const [path, operations] of Object.entries(paths)) {
      if (rowAt(rows, asRoutePath(path))?.service !== service) continue;
      merged.paths[path] = { ...merged.paths[path], ...operations };
    }
    for (const [kind, entries] of Object.entries(components)) {
      merged.components[kind] = { ...merged.components[kind], ...entries };
    }
    merged.tags.push(...tags.filter(({ name }) => !merged.tags.some((tag) => tag.name === name)));
  }
  return merged;
}

/** `/products/{idOrSlug}` is one segment whatever its name. */
const asRoutePath = (path: string): string => path.replaceAll(/\{[^{}]+\}/g, 'x');

function prefixCollisions(document: OpenApi, taken: Record<string, Section>, service: string): OpenApi {
  const renamed = new Map<string, string>();
  for (const [kind, entries] of Object.entries(document.components ?? {})) {
    for (const [name, entry] of Object.entries(entries)) {
      const other = taken[kind]?.[name];
      if (other === undefined || JSON.stringify(other) === JSON.stringify(entry)) continue;
      renamed.set(`#/components/${kind}/${name}`, `#/components/${kind}/${service}_${name}`);
    }
  }
  if (renamed.size === 0) return document;
  const components = Object.entries(document.components ?? {}).map(([kind, entries]) => [
    kind,
    Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => [
        renamed.has(`#/components/${kind}/${name}`) ? `${service}_${name}` : name,
        entry,
      ]),
    ),
  ]);
  return redirect({ ...document, components: Object.fromEntries(components) } as unknown as Json, renamed) as OpenApi;
}

function redirect(json: Json, renamed: ReadonlyMap<string, string>): Json {
  if (Array.isArray(json)) return json.map((item) => redirect(item, renamed));
  if (json === null || typeof json !== 'object') return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? (renamed.get(value) ?? value) : redirect(value, renamed),
    ]),
  );
}
