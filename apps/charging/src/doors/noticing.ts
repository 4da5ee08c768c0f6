import type { ConnectorStatus } from '../device/device.ts';
import { say } from '../session/service.ts';
import { tellStory } from '../station/story.ts';
import { type Call, type DoorDeps, noteSuspect } from './answering.ts';
import { hashOf } from './handled.ts';
import { stampOf } from './visit.ts';

/** How a connector is, in our words. */
export interface Notice {
  /** 0: the station as a whole. */
  readonly connector: number | null;
  readonly status: ConnectorStatus | null;
  readonly errorCode: string | null;
  readonly timestamp: unknown;
  /** What else it says of it, for a person. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Hears how a connector is. What is out of order, and what is in order again, an operator finds in the station's log. */
export async function notice(deps: DoorDeps, call: Call, said: Notice): Promise<void> {
  const { connection, visit, receivedAt, raw } = call;
  const { stationId, protocol } = connection;
  const { connector, status } = said;
  if (connector === null || status === null) {
    await noteSuspect(deps, call, status === null ? 'unknown_status' : 'unknown_device');
    return;
  }
  const errorCode = said.errorCode === 'NoError' ? null : said.errorCode;
  const { at, late } = await stampOf(deps.database, call, said.timestamp);
  await say(deps, {
    stationId,
    at,
    receivedAt,
    late,
    key: hashOf(raw),
    protocol,
    connector,
    status,
    ...(errorCode !== null && { errorCode }),
  });
  const before = visit.said.get(connector);
  visit.said.set(connector, status);
  if (isTrouble(status) || errorCode !== null ? before !== status : before && isTrouble(before)) {
    const detail = { connector, status, errorCode, ...said.detail };
    await tellStory(deps.database, { stationId, at: receivedAt, kind: 'connector.status', detail });
  }
}

const isTrouble = (status: ConnectorStatus) => status === 'Faulted' || status === 'Unavailable';
