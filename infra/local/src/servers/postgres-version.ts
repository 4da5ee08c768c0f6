import { Obstacle } from '../obstacle.ts';

/** The outbox is partitioned and numbers its rows, which Postgres can do together since 17. */
const oldestPostgres = 17;

/** `versionNumber` is `server_version_num`: 180004 for 18.4. */
export function demandPostgres(versionNumber: number, where: string): void {
  const major = Math.trunc(versionNumber / 10_000);
  if (major >= oldestPostgres) return;
  throw new Obstacle(
    `Postgres is too old: the server at ${where} (DATABASE_URL) is ${major}, and ${oldestPostgres} or newer is needed.`,
  );
}
