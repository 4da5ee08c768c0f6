import type { SqlTx } from '@forecourt/messaging';
import type { Prisma, PrismaClient } from '../generated/prisma/client.ts';

/** A row as operators see it. */
export type EventRow = Prisma.StationEventGetPayload<object>;
export type CommandRow = Prisma.CommandGetPayload<object>;
export type SuspectRow = Prisma.SuspectCallGetPayload<object>;

export interface Page {
  /** The last one of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

const pageOf = ({ after, limit }: Page) => ({ ...(after && { cursor: { id: after }, skip: 1 }), take: limit });
const newestFirst: { at?: 'desc'; id?: 'desc' }[] = [{ at: 'desc' }, { id: 'desc' }];

export const listEvents = (
  { stationEvent }: PrismaClient,
  { stationId, kind, ...page }: Page & { stationId: string; kind: string | undefined },
): Promise<EventRow[]> =>
  stationEvent.findMany({ where: { stationId, ...(kind && { kind }) }, orderBy: newestFirst, ...pageOf(page) });

export const listCommands = (
  { command }: PrismaClient,
  { stationId, ...page }: Page & { stationId: string },
): Promise<CommandRow[]> =>
  command.findMany({ where: { stationId }, orderBy: [{ askedAt: 'desc' }, { id: 'desc' }], ...pageOf(page) });

export const listSuspects = (
  { suspectCall }: PrismaClient,
  { stationId, resolved, ...page }: Page & { stationId: string | undefined; resolved: boolean | undefined },
): Promise<SuspectRow[]> =>
  suspectCall.findMany({
    where: {
      ...(stationId && { stationId }),
      ...(resolved !== undefined && { resolvedAt: resolved ? { not: null } : null }),
    },
    orderBy: newestFirst,
    ...pageOf(page),
  });

/** Somebody has looked at it; the first who did stays. Null: there is no such call. */
export async function resolveSuspect(
  { suspectCall }: PrismaClient,
  { id, by, at }: { id: string; by: string; at: Date },
): Promise<SuspectRow | null> {
  await suspectCall.updateMany({ where: { id, resolvedAt: null }, data: { resolvedAt: at, resolvedBy: by } });
  return suspectCall.findUnique({ where: { id } });
}

export interface FrameRow {
  readonly at: Date;
  readonly seq: bigint;
  readonly direction: 'in' | 'out';
  readonly text: string;
}

export interface FrameFilter {
  readonly stationId: string;
  readonly direction: 'in' | 'out' | null;
  readonly from: Date | null;
  /** Not included. */
  readonly to: Date | null;
  /** The last frame of the page before. */
  readonly after: Pick<FrameRow, 'at' | 'seq'> | null;
  readonly limit: number;
}

/** Newest first, in the order in which they went over the wire. */
export const listFrames = (
  db: SqlTx,
  { stationId, direction, from, to, after, limit }: FrameFilter,
): PromiseLike<FrameRow[]> =>
  db.$queryRaw`
    SELECT at, seq, direction, text FROM frame
     WHERE station_id = ${stationId}
       AND (${direction}::text IS NULL OR direction = ${direction}::text)
       AND (${from}::timestamptz IS NULL OR at >= ${from}::timestamptz)
       AND (${to}::timestamptz IS NULL OR at < ${to}::timestamptz)
       AND (${after?.at ?? null}::timestamptz IS NULL
            OR (at, seq) < (${after?.at ?? null}::timestamptz, ${after?.seq ?? null}::int8))
     ORDER BY at DESC, seq DESC LIMIT ${limit}::int4`;
