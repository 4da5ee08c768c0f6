import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';
import type { Told } from './story.ts';

/** Several lines at once, of any stations. */
export async function tellStories(tx: SqlTx, news: readonly Told[]): Promise<void> {
  if (news.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO station_event (id, station_id, at, kind, detail, operator_id)
    SELECT * FROM unnest(
      ${news.map(({ at }) => newObjectId(at))}::text[],
      ${news.map(({ stationId }) => stationId)}::text[],
      ${news.map(({ at }) => at.toISOString())}::timestamptz[],
      ${news.map(({ kind }) => kind)}::text[],
      ${news.map(({ detail }) => JSON.stringify(detail))}::jsonb[],
      ${news.map(({ operatorId }) => operatorId ?? null)}::text[])`;
}

/** Ids begin with their second. */
export const dropEventsBefore = async (tx: SqlTx, instant: Date): Promise<number> =>
  tx.$executeRaw`
    DELETE FROM station_event WHERE id IN (
      SELECT id FROM station_event WHERE id < ${newObjectId(instant).slice(0, 8)} ORDER BY id LIMIT 10000)`;
