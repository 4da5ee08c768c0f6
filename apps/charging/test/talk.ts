import { until } from '@forecourt/testing';
import type { Session } from '../src/session/session.ts';
import { aCard } from './builders.ts';
import type { Plaza, PlazaSite } from './plaza.ts';
import type { Dialled } from './stand.ts';

export type Answer = Record<string, unknown>;

/** A call with an id of the test's own; gives the whole frame that answers it. */
export async function callAs(station: Dialled, id: string, action: string, payload: Answer): Promise<unknown[]> {
  const before = station.heard.length;
  station.socket.send(JSON.stringify([2, id, action, payload]));
  return until(() => station.heard.slice(before).find((frame) => frame[1] === id && frame[0] !== 2), {
    timeoutMs: 10_000,
  });
}

export const asked = (station: Dialled, action: string): Answer[] =>
  station.heard.flatMap((frame) => (frame[0] === 2 && frame[2] === action ? [frame[3] as Answer] : []));

/** What a station of OCPP 1.6 says, at the time of a test's clock unless told. */
export function saying16(station: Dialled, clock: () => Date) {
  const time = () => clock().toISOString();
  const call = (action: string, payload: Answer) => station.call(action, payload) as Promise<Answer>;
  return {
    status: (status: string, more: Answer = {}) =>
      call('StatusNotification', { connectorId: 1, status, errorCode: 'NoError', timestamp: time(), ...more }),
    start: async (more: Answer = {}) => {
      const answer = await call('StartTransaction', {
        connectorId: 1,
        idTag: 'NOBODY',
        meterStart: 1_000,
        timestamp: time(),
        ...more,
      });
      return { id: answer.transactionId as number, status: (answer.idTagInfo as Answer | undefined)?.status };
    },
    meter: (transactionId: number | undefined, value: string | Answer[], more: Answer = {}) =>
      call('MeterValues', {
        connectorId: 1,
        ...(transactionId !== undefined && { transactionId }),
        meterValue: [{ timestamp: time(), sampledValue: typeof value === 'string' ? [{ value, unit: 'Wh' }] : value }],
        ...more,
      }),
    stop: (transactionId: number, meterStop: number, more: Answer = {}) =>
      call('StopTransaction', { transactionId, meterStop, timestamp: time(), ...more }),
  };
}

/** What a station of OCPP 2.0.1 says of one transaction. */
export function saying201(station: Dialled, clock: () => Date, transactionId: string) {
  let seqNo = -1;
  const event = (eventType: string, triggerReason: string, wh: number | null, more: Answer = {}) => {
    seqNo += 1;
    const timestamp = clock().toISOString();
    const { transactionInfo, ...rest } = more;
    return station.call('TransactionEvent', {
      eventType,
      triggerReason,
      seqNo,
      timestamp,
      transactionInfo: { transactionId, ...(transactionInfo as Answer) },
      evse: { id: 1, connectorId: 1 },
      ...(wh !== null && {
        meterValue: [{ timestamp, sampledValue: [{ value: wh, unitOfMeasure: { unit: 'Wh' } }] }],
      }),
      ...rest,
    }) as Promise<Answer>;
  };
  return {
    event,
    started: (wh: number | null, more?: Answer) => event('Started', 'Authorized', wh, more),
    updated: (wh: number | null, more?: Answer) => event('Updated', 'MeterValuePeriodic', wh, more),
    ended: (wh: number | null, more?: Answer) =>
      event('Ended', 'EVDeparted', wh, {
        ...more,
        transactionInfo: { stoppedReason: 'EVDisconnected', ...(more?.transactionInfo as Answer) },
      }),
  };
}

export interface SceneWishes {
  readonly funds?: bigint;
  /** Of the card of the site's customer. */
  readonly groupToken?: string;
  readonly blocked?: boolean;
}

/** A station of OCPP 1.6 on the line, and a customer's card. */
export interface Scene16 extends PlazaSite {
  readonly line: Dialled;
  readonly say: ReturnType<typeof saying16>;
  readonly card: string;
}

export async function aScene16(plaza: Plaza, wishes: SceneWishes = {}): Promise<Scene16> {
  const site = await plaza.site(wishes);
  const { token: card } = await aCard(plaza.runtime.database, { customerId: site.customerId, ...wishes });
  const line = await plaza.arrive(site);
  return { ...site, line, card, say: saying16(line, plaza.runtime.clock) };
}

export async function onlySession(plaza: Plaza, stationId: string): Promise<Session> {
  const sessions = await plaza.sessionsOf(stationId);
  const [session] = sessions;
  if (!session || sessions.length > 1) throw new Error(`there are ${sessions.length} sessions`);
  return session;
}
