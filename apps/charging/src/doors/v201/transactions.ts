import type { OCPP20 } from 'typed-ocpp';
import type { MeterReading } from '../../energy/readings.ts';
import type { Payload } from '../../ocpp/frame.ts';
import type { AuthorizationStatus, ChargingState, Saying } from '../../session/saying.ts';
import { begin, end } from '../../session/service.ts';
import { type Call, type DoorDeps, noteSuspect } from '../answering.ts';
import { hashOf } from '../handled.ts';
import { connectorIn, fieldsIn, numberIn, oneOf, readingsIn, spelled, wordIn } from '../payload.ts';
import { instantOf, stampOf } from '../visit.ts';

/** A transaction event as far as it makes sense. */
interface Event {
  readonly saying: Saying;
  readonly kind: 'Started' | 'Updated' | 'Ended' | null;
  readonly trigger: string | null;
  readonly transactionId: string;
  readonly connector: number | null;
  /** Who wants to charge; null: it does not say, or it is somebody who wants to end it. */
  readonly idToken: string | null;
  /** Whoever it is: they want to know. */
  readonly shown: string | null;
  readonly remoteStartId: number | null;
  readonly chargingState: ChargingState | undefined;
  readonly readings: readonly MeterReading[];
  readonly reason: string | null;
}

const kinds = ['Started', 'Updated', 'Ended'] as const;
const chargingStates = ['Charging', 'EVConnected', 'SuspendedEV', 'SuspendedEVSE', 'Idle'] as const;
/** Whoever is named in these wants to end it. */
const endings: ReadonlySet<string | null> = new Set([
  'Deauthorized',
  'RemoteStop',
  'StopAuthorized',
  'EVDeparted',
  'EVCommunicationLost',
]);

/**
 * What happens in a transaction, in whatever order it is told: an event of one that nobody has heard of begins it. A cable
 * that went in begins nothing until somebody is to pay for it, or energy flows.
 */
export async function transacted(deps: DoorDeps, call: Call): Promise<Payload> {
  const event = await eventIn(deps, call);
  if (!event) {
    await noteSuspect(deps, call, 'unknown_transaction');
    return {};
  }
  const status = await heard(deps, call, event);
  return event.shown === null ? {} : ({ idTokenInfo: { status } } satisfies OCPP20.TransactionEventResponse);
}

async function heard(deps: DoorDeps, call: Call, event: Event): Promise<AuthorizationStatus> {
  const { visit } = call;
  const { kind, transactionId } = event;
  if (kind === 'Ended') return ended(deps, call, event);
  if (kind === 'Started') {
    if (isCableAlone(event) && !deps.sessionSettings.freeVend) {
      await plugged(deps, call, event);
      return 'Invalid';
    }
    return started(deps, call, event);
  }
  const { sessionId } = await metered(deps, event);
  const names = event.trigger === 'Authorized' || event.trigger === 'RemoteStart';
  if (sessionId !== null) return names ? started(deps, call, event) : 'Accepted';
  if (isCableAlone(event) && (visit.plugged.has(transactionId) || isIdle(event)) && !deps.sessionSettings.freeVend)
    return 'Invalid';
  return started(deps, call, event);
}

const isCableAlone = ({ idToken, remoteStartId, chargingState, readings }: Event): boolean =>
  idToken === null && remoteStartId === null && chargingState !== 'Charging' && readings.every(({ powerW }) => !powerW);

/** It says so itself: then nothing is lost by waiting for more, though who it was that heard of the cable is gone. */
const isIdle = ({ chargingState }: Event): boolean => chargingState === 'EVConnected' || chargingState === 'Idle';

const mostPlugged = 20;

/** The register at that moment is the one that its charge will begin with. */
async function plugged(deps: DoorDeps, call: Call, event: Event): Promise<void> {
  const { visit } = call;
  const { transactionId, saying } = event;
  // Told again, after somebody was found to pay for it: its start was told there.
  const { sessionId } = await metered(deps, { ...event, readings: [] });
  if (sessionId !== null) {
    await started(deps, call, event);
    return;
  }
  const [oldest] = visit.plugged.keys();
  if (visit.plugged.size >= mostPlugged && oldest !== undefined) visit.plugged.delete(oldest);
  visit.plugged.set(transactionId, registerIn(event.readings));
  deps.log.debug({ stationId: saying.stationId, transactionId }, 'a cable is in, and nobody pays yet');
}

async function started(deps: DoorDeps, call: Call, event: Event): Promise<AuthorizationStatus> {
  const { visit } = call;
  const { saying, kind, transactionId, connector, idToken, remoteStartId, chargingState, readings } = event;
  const isStart = kind === 'Started';
  const wasPlugged = visit.plugged.has(transactionId);
  const begun = await begin(deps, {
    ...saying,
    connector,
    idToken,
    transactionId,
    remoteStartId,
    meterStartWh: isStart ? registerIn(readings) : (visit.plugged.get(transactionId) ?? beginningIn(readings)),
    chargingState,
    found: !isStart && !wasPlugged && idToken === null && remoteStartId === null,
  });
  visit.plugged.delete(transactionId);
  if (begun.sessionId === null) await noteSuspect(deps, call, 'unknown_device');
  else if (readings.length > 0 || chargingState !== undefined) await metered(deps, event);
  return begun.status;
}

async function ended(deps: DoorDeps, call: Call, event: Event): Promise<AuthorizationStatus> {
  const { visit } = call;
  const { saying, transactionId, readings, reason, shown } = event;
  const told = {
    ...saying,
    transactionId,
    // The last of the register is among the readings.
    meterStopWh: null,
    reason: reason ?? 'Local',
    idToken: shown,
    readings,
  };
  const { sessionId, status } = await end(deps, told);
  if (sessionId !== null) return status;
  if (visit.plugged.delete(transactionId) && isCableAlone(event)) return 'Invalid';
  const begun = await started(deps, call, { ...event, chargingState: undefined });
  await end(deps, told);
  return begun;
}

const metered = (deps: DoorDeps, { saying, connector, transactionId, readings, chargingState }: Event) =>
  deps.meter({ ...saying, connector, transactionId, readings, ...(chargingState && { chargingState }) });

const registerIn = (readings: readonly MeterReading[]): bigint | null =>
  readings.find(({ registerWh }) => registerWh !== null)?.registerWh ?? null;

/** Events that bring all readings of a transaction bring its first one too. */
const beginningIn = (readings: readonly MeterReading[]): bigint | null =>
  registerIn(readings.filter(({ context }) => context === 'Transaction.Begin'));

/** null: it names no transaction. */
async function eventIn(deps: DoorDeps, call: Call): Promise<Event | null> {
  const { connection, receivedAt, payload } = call;
  const { transactionInfo, evse, seqNo, eventType, timestamp, meterValue } = payload;
  const info = fieldsIn(transactionInfo);
  const transactionId = wordIn(info.transactionId);
  if (transactionId === null) return null;
  const { at, late } = await stampOf(deps.database, call, timestamp);
  const trigger = wordIn(payload.triggerReason, 50);
  const kind = oneOf(kinds, eventType);
  const token = fieldsIn(payload.idToken);
  const shown = token.type === 'NoAuthorization' ? null : wordIn(token.idToken);
  return {
    saying: {
      stationId: connection.stationId,
      protocol: connection.protocol,
      at,
      receivedAt,
      late: late || payload.offline === true,
      // Some count nothing: their events differ by their time, or by what they bring.
      key: hashOf(
        transactionId,
        spelled(seqNo),
        spelled(eventType),
        spelled(timestamp),
        JSON.stringify(meterValue ?? null),
      ),
    },
    kind,
    trigger,
    transactionId,
    connector: connectorIn(fieldsIn(evse).id),
    idToken: endings.has(trigger) ? null : shown,
    shown,
    remoteStartId: numberIn(info.remoteStartId),
    chargingState: oneOf(chargingStates, info.chargingState) ?? undefined,
    readings: readingsIn(meterValue, instantOf(call)),
    reason: wordIn(info.stoppedReason, 50),
  };
}
