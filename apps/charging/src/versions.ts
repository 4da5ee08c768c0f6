import type { LiftVersions } from '@forecourt/messaging';

/** Far above what changes of one thing between two backups. */
const lift = 1_000_000;

/**
 * For a database that went back in time: who listens drops versions that it has seen. Devices are marked as changed, so
 * that the maps in memory read them again. Numbers that stations know their transactions by go on far above those that were
 * given out since the backup: a station that comes back with one of these is a stranger to us, and not another's session.
 */
export const liftVersions: LiftVersions = async (tx) => {
  await tx.$executeRaw`UPDATE session SET version = version + ${lift}::int`;
  await tx.$executeRaw`UPDATE device SET version = version + ${lift}::int, changed_xid = pg_current_xact_id()`;
  await tx.$executeRaw`
    SELECT setval(pg_get_serial_sequence('session', 'number'),
                  nextval(pg_get_serial_sequence('session', 'number')) + ${lift}::int)`;
  await tx.$executeRaw`
    SELECT setval(pg_get_serial_sequence('reservation', 'number'),
                  nextval(pg_get_serial_sequence('reservation', 'number')) + ${lift}::int)`;
};
