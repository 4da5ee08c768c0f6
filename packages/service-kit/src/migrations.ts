import { readdir } from 'node:fs/promises';
import type { Database } from './database.ts';
import type { Probe } from './health.ts';

/** Throws until the database has every migration of this folder, and none is left half done. */
export function migrationsApplied(database: Database, folder: URL): Probe {
  let seen = false;
  return async () => {
    if (seen) return;
    const entries = await readdir(folder, { withFileTypes: true });
    const wanted = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const rows = await database.$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    const applied = new Set(rows.map(({ name }) => name));
    const missing = wanted.filter((name) => !applied.has(name));
    if (missing.length > 0) throw new Error(`not applied: ${missing.join(', ')}`);
    seen = true;
  };
}
