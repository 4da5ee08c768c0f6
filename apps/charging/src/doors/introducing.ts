import type { SqlTx } from '@forecourt/messaging';
import { tellStory } from '../station/story.ts';
import type { Call, DoorDeps } from './answering.ts';
import { forgetClock } from './visit.ts';

/** What a station says of itself when it starts. */
export interface Introduction {
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serialNumber: string | null;
  readonly firmware: string | null;
  readonly reason: string | null;
}

const heartbeatSec = 300;
const pendingSec = 60;

/** Some firmwares take no fractions of a second. */
export const timeOf = (instant: Date): string => `${instant.toISOString().slice(0, 19)}Z`;

export interface Welcomed {
  readonly [key: string]: unknown;
  readonly status: 'Accepted' | 'Pending';
  readonly currentTime: string;
  readonly interval: number;
}

/** A station that nobody has said yes to waits: it is called again by an operator's yes, which ends its line. */
export async function introduce(deps: DoorDeps, call: Call, said: Introduction): Promise<Welcomed> {
  const { connection, visit, receivedAt } = call;
  forgetClock(visit);
  visit.said.clear();
  visit.plugs.clear();
  await deps.database.transaction(async (tx) => {
    await saveIntroduction(tx, connection.stationId, said, receivedAt);
    await tellStory(tx, {
      stationId: connection.stationId,
      at: receivedAt,
      kind: 'station.booted',
      detail: { ...said },
    });
  });
  const isAccepted = connection.status === 'accepted';
  return {
    status: isAccepted ? 'Accepted' : 'Pending',
    currentTime: timeOf(receivedAt),
    interval: isAccepted ? heartbeatSec : pendingSec,
  };
}

const saveIntroduction = (
  tx: SqlTx,
  stationId: string,
  { vendor, model, serialNumber, firmware }: Introduction,
  at: Date,
) =>
  tx.$executeRaw`
    UPDATE station SET vendor = ${vendor}, model = ${model}, serial_number = ${serialNumber}, firmware = ${firmware},
           booted_at = ${at}, heard_at = ${at}, clock_ahead_ms = NULL
     WHERE id = ${stationId}`;
