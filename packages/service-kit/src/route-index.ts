import type { Dialect } from '@forecourt/dialects';
import type { RouteOptions } from 'fastify';

/** Which paths there are, for saying no well: the router itself only knows "found" and "not found". */
export interface RouteIndex {
  add(route: Pick<RouteOptions, 'method' | 'url'>, dialect: Dialect | undefined): void;
  lookUp(path: string): {
    /** Of the route with this path, or else of one that begins alike. */
    dialect: Dialect | undefined;
    /** Those that have this path. */
    methods: string[];
  };
  /** Every route that the router has, whether or not a document tells of it. */
  all(): { method: string; path: string; dialect: string | null }[];
}

export function createRouteIndex(): RouteIndex {
  const entries: { url: string; pattern: RegExp; methods: string[]; dialect: Dialect | undefined }[] = [];
  return {
    add: ({ method, url }, dialect) => {
      entries.push({ url, pattern: patternOf(url), methods: [method].flat(), dialect });
    },
    lookUp: (url) => {
      const path = url.split('?', 1)[0] ?? '';
      const exact = entries.filter(({ pattern }) => pattern.test(path));
      // As in the router, what is spelled out comes before what stands for anything.
      const near = exact.find(({ url }) => !url.includes(':')) ?? exact[0] ?? nearest(entries, path);
      return { dialect: near?.dialect, methods: [...new Set(exact.flatMap(({ methods }) => methods))].sort() };
    },
    all: () =>
      entries.flatMap(({ url, methods, dialect }) =>
        methods.map((method) => ({ method, path: url, dialect: dialect?.name ?? null })),
      ),
  };
}

/** Which goes the same way for longest; the first of several. */
function nearest<Entry extends { url: string }>(entries: readonly Entry[], path: string): Entry | undefined {
  const steps = path.split('/').slice(1);
  const sharedWith = ({ url }: Entry) => {
    const differs = url
      .split('/')
      .slice(1)
      .findIndex((segment, at) => segment !== steps[at]);
    return differs === -1 ? steps.length : differs;
  };
  const ways = entries.map((entry) => ({ entry, shared: sharedWith(entry) }));
  const longest = Math.max(0, ...ways.map(({ shared }) => shared));
  return longest === 0 ? undefined : ways.find(({ shared }) => shared === longest)?.entry;
}

const patternOf = (url: string) =>
  new RegExp(
    `^${url
      .split('/')
      .map((segment) =>
        segment.startsWith(':') ? '[^/]+' : segment === '*' ? '.*' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('/')}$`,
  );
