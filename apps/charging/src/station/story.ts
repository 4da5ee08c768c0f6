import type { SqlTx } from '@forecourt/messaging';
import { newObjectId } from '@forecourt/service-kit';

/** A line of a station's log. */
export interface Told {
  readonly stationId: string;
  readonly at: Date;
  /** In two words: `line.connected`, `device.changed`. */
  readonly kind: string;
  /** What a person wants to know of it; no secrets. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly operatorId?: string | undefined;
}

export const tellStory = async (tx: SqlTx, { stationId, at, kind, detail, operatorId }: Told): Promise<void> => {
  await tx.$executeRaw`
    INSERT INTO station_event (id, station_id, at, kind, detail, operator_id)
    VALUES (${newObjectId(at)}, ${stationId}, ${at}, ${kind}, ${JSON.stringify(detail)}::jsonb, ${operatorId ?? null})`;
};
