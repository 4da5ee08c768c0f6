import { rowAt, routes as rows } from '../../../apps/gateway/src/routes.ts';
import type { Row } from './matrix.ts';

export interface Process {
  service: string;
  url: string;
}

interface Route {
  method: string;
  path: string;
  dialect: string | null;
}

/** Of one service: what its router has, and what its documents tell. */
export interface Inventory {
  service: string;
  routes: Route[];
  documented: string[];
}

const dialects = [...new Set(rows.map(({ dialect }) => dialect.name))];

/** Asked of the processes themselves, past the gateway, so that nothing is missing that it hides. */
export async function inventoryOf({ service, url }: Process): Promise<Inventory> {
  const { routes } = (await (await fetch(`${url}/internal/routes`)).json()) as { routes: Route[] };
  const documented: string[] = [];
  for (const dialect of dialects) {
    const answer = await fetch(`${url}/internal/openapi/${dialect}.json`);
    const { paths = {} } = (await answer.json()) as { paths?: Record<string, Record<string, unknown>> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations))
        documented.push(operationOf(method, path.replaceAll(/{(\w+)}/g, ':$1')));
    }
  }
  return { service, routes, documented };
}

const operationOf = (method: string, path: string) => `${method.toUpperCase()} ${path}`;

/** What only processes and their keepers ask one another; no row of the gateway leads there. */
const machinery = /^\/(internal\/|health\/|metrics$)/;

/**
 * Everything that is wrong between the routes that exist, the documents, the gateway's rows and the matrix, each in a
 * sentence that says what to do about it.
 */
export function disagreements(
  inventories: readonly Inventory[],
  matrix: readonly Pick<Row, 'operation' | 'undocumented'>[],
): string[] {
  const wrong: string[] = [];
  const known = new Map(matrix.map((row) => [row.operation as string, row]));
  const found = new Set<string>();
  const reached = new Set<string>();

  for (const { service, routes, documented } of inventories) {
    for (const { method, path } of routes) {
      const row = rowAt(rows, path.replaceAll(/:\w+/g, 'x'));
      const operation = operationOf(method, path);
      if (machinery.test(path)) {
        if (row) wrong.push(`${operation} is machinery of ${service}, and the gateway's row ${row.path} leads to it.`);
        continue;
      }
      if (!row || row.service !== service) {
        wrong.push(
          `${operation} of ${service} is reached by no row: add one to apps/gateway/src/routes.ts, or remove it.`,
        );
        continue;
      }
      reached.add(row.path);
      // Fastify answers HEAD with each GET; the test calls it so.
      if (method === 'HEAD') continue;
      found.add(operation);
      const entry = known.get(operation);
      if (!entry) {
        wrong.push(
          `${operation} of ${service} has no row: say in tests/e2e/security/matrix.ts who may call it, as ` +
            `{ operation: '${operation}', for: 'everyone' | 'guests' | 'oneself' | 'drivers' | 'owner' | 'staff', ok: …, call: … }.`,
        );
      } else if (!entry.undocumented && !documented.includes(operation)) {
        wrong.push(
          `${operation} is in no OpenAPI document of ${service}: put it behind a door, or mark it undocumented.`,
        );
      }
    }
    for (const operation of documented) {
      if (!routes.some(({ method, path }) => operationOf(method, path) === operation))
        wrong.push(`${operation} is documented by ${service}, which has no such route.`);
    }
  }
  for (const { operation } of matrix) {
    if (!found.has(operation)) wrong.push(`${operation} is in the matrix, but nothing answers it: remove its row.`);
  }
  for (const { path } of rows) {
    if (!reached.has(path))
      wrong.push(`The gateway's row ${path} leads to no route: remove it, or build what it promises.`);
  }
  return wrong;
}
