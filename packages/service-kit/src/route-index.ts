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
  const entries: { url: string; pattern: RegExp; first: string; methods: string[]; dialect: Dialect | undefined }[] =
    [];
  return {
    add: ({ method, url }, dialect) => {
      entries.push({ url, pattern: patternOf(url), first: firstSegmentOf(url), methods: [method].flat(), dialect });
    },
    lookUp: (url) => {
      const path = url.split('?', 1)[0] ?? '';
      const exact = entries.filter(({ pattern }) => pattern.test(path));
      const near = exact[0] ?? entries.find(({ first }) => first === firstSegmentOf(path));
      return { dialect: near?.dialect, methods: [...new Set(exact.flatMap(({ methods }) => methods))].sort() };
    },
    all: () =>
      entries.flatMap(({ url, methods, dialect }) =>
        methods.map((method) => ({ method, path: url, dialect: dialect?.name ?? null })),
      ),
  };
}

const firstSegmentOf = (path: string) => path.split('/', 2)[1] ?? '';

const patternOf = (url: string) =>
  new RegExp(
    `^${url
      .split('/')
      .map((segment) =>
        segment.startsWith(':') ? '[^/]+' : segment === '*' ? '.*' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('/')}$`,
  );
