import type { LiftVersions } from '@forecourt/messaging';

/** Far above what a shop sells of one thing between two backups. */
const lift = 1_000_000;

/** For a database that went back in time: consumers drop versions that they have seen. */
export const liftVersions: LiftVersions = (tx) =>
  Promise.resolve(tx.$executeRaw`UPDATE stock SET version = version + ${lift}::int`);
