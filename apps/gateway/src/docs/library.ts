import type { Service } from '@forecourt/contracts';
import type { Dialect } from '@forecourt/dialects';
import type { Upstreams } from '../forward/upstreams.ts';
import type { Row } from '../routes.ts';
import { withCredentials } from './credentials.ts';
import { merge, type OpenApi, type Part } from './merge.ts';

export interface Library {
  readonly dialects: readonly Dialect[];
  document(dialect: Dialect): Promise<ReturnType<typeof merge>>;
}

const patienceMs = 2000;
/** A complete document changes with a release only; an incomplete one as soon as the absent service is back. */
const freshMs = { complete: 30_000, incomplete: 2000 };

/** The documents of all dialects, asked of the services when somebody wants to read, and kept for a while. */
export function createLibrary(rows: readonly Row[], services: ReadonlyMap<Service, Upstreams>): Library {
  const dialects = [...new Set(rows.map(({ dialect }) => dialect))];
  const shelf = new Map<string, { until: number; document: ReturnType<typeof merge> }>();

  return {
    dialects,
    async document(dialect) {
      const { name } = dialect;
      const kept = shelf.get(name);
      if (kept && performance.now() < kept.until) return kept.document;
      const parts = await Promise.all(
        [...services].map(
          async ([service, upstreams]): Promise<Part> => ({ service, document: await ask(upstreams, name) }),
        ),
      );
      const document = withCredentials(merge(dialect, parts, rows));
      const complete = parts.every((part) => part.document !== null);
      shelf.set(name, { document, until: performance.now() + freshMs[complete ? 'complete' : 'incomplete'] });
      return document;
    },
  };
}

async function ask(upstreams: Upstreams, dialect: string): Promise<OpenApi | null> {
  try {
    const path = `/internal/openapi/${dialect}.json`;
    const { statusCode, body } = await upstreams
      .pick()
      .pool.request({ method: 'GET', path, signal: AbortSignal.timeout(patienceMs) });
    // A service that has no such door has nothing to say, which is an answer too.
    if (statusCode === 404) return body.dump().then(() => ({}));
    if (statusCode !== 200) return body.dump().then(() => null);
    return (await body.json()) as OpenApi;
  } catch {
    return null;
  }
}
