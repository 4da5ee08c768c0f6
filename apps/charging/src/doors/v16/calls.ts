import type { OCPP16 } from 'typed-ocpp';
import { connectorStatuses } from '../../device/device.ts';
import type { Payload } from '../../ocpp/frame.ts';
import { authorize, begin, end } from '../../session/service.ts';
import { tellStory } from '../../station/story.ts';
import { type Call, type DoorDeps, type Duties, type Duty, noteSuspect } from '../answering.ts';
import { hashOf } from '../handled.ts';
import { introduce, timeOf } from '../introducing.ts';
import { notice } from '../noticing.ts';
import { connectorIn, listIn, oneOf, readingsIn, spelled, wattHoursIn, wholeIn, wordIn } from '../payload.ts';
import { instantOf, stampOf } from '../visit.ts';

/** What a station of OCPP 1.6 may call for. */
export function duties16(deps: DoorDeps): Duties {
  const story =
    (kind: string) =>
    async ({ connection: { stationId }, receivedAt: at, payload }: Call): Promise<Payload> => {
      await tellStory(deps.database, { stationId, at, kind, detail: payload });
      return {};
    };
  const duties: Record<string, Duty> = {
    BootNotification: {
      reading: 'patient',
      answer: (call): Promise<Payload & OCPP16.BootNotificationResponse> =>
        introduce(deps, call, {
          vendor: wordIn(call.payload.chargePointVendor),
          model: wordIn(call.payload.chargePointModel),
          serialNumber: wordIn(call.payload.chargePointSerialNumber) ?? wordIn(call.payload.chargeBoxSerialNumber),
          firmware: wordIn(call.payload.firmwareVersion),
          reason: null,
        }),
    },
    Heartbeat: {
      reading: 'patient',
      answer: async ({ receivedAt }) => ({ currentTime: timeOf(receivedAt) }) satisfies OCPP16.HeartbeatResponse,
    },
    Authorize: { reading: 'strict', answer: (call) => authorized(deps, call) },
    StatusNotification: { reading: 'patient', answer: (call) => noticed(deps, call) },
    StartTransaction: { reading: 'patient', remembered: () => true, answer: (call) => started(deps, call) },
    MeterValues: { reading: 'patient', answer: (call) => metered(deps, call) },
    StopTransaction: { reading: 'patient', remembered: () => true, answer: (call) => stopped(deps, call) },
    DataTransfer: {
      reading: 'strict',
      answer: async () => ({ status: 'UnknownVendorId' }) satisfies OCPP16.DataTransferResponse,
    },
    FirmwareStatusNotification: { reading: 'strict', answer: story('station.firmware') },
    SignedFirmwareStatusNotification: { reading: 'strict', answer: story('station.firmware') },
    DiagnosticsStatusNotification: { reading: 'strict', answer: story('station.diagnostics') },
    LogStatusNotification: { reading: 'strict', answer: story('station.diagnostics') },
    SecurityEventNotification: { reading: 'patient', answer: story('station.security') },
    SignCertificate: { reading: 'strict', answer: async () => ({ status: 'Rejected' }) },
  };
  return new Map(Object.entries(duties));
}

/** The longest token that 1.6 knows. */
const longestToken = 20;

async function authorized(deps: DoorDeps, { connection, payload }: Call) {
  const idToken = wordIn(payload.idTag) ?? '';
  const { status, groupToken, expiresAt } = await authorize(deps, { stationId: connection.stationId, idToken });
  return {
    idTagInfo: {
      status,
      ...(groupToken !== null && groupToken.length <= longestToken && { parentIdTag: groupToken }),
      ...(expiresAt && { expiryDate: timeOf(expiresAt) }),
    },
  } satisfies OCPP16.AuthorizeResponse;
}

async function noticed(deps: DoorDeps, call: Call): Promise<Payload> {
  const { connectorId, status, errorCode, timestamp, info, vendorId, vendorErrorCode } = call.payload;
  await notice(deps, call, {
    connector: connectorIn(connectorId),
    status: oneOf(connectorStatuses, status),
    errorCode: wordIn(errorCode, 50),
    timestamp,
    detail: { info: wordIn(info), vendorId: wordIn(vendorId), vendorErrorCode: wordIn(vendorErrorCode) },
  });
  return {};
}

/** Always answered with a number: a station that gets none asks for ever. */
async function started(deps: DoorDeps, call: Call): Promise<Payload> {
  const { connection, receivedAt, payload, messageId } = call;
  const { stationId, protocol } = connection;
  const { connectorId, idTag, meterStart, timestamp } = payload;
  const { at, late } = await stampOf(deps.database, call, timestamp);
  const idToken = wordIn(idTag);
  // Of one that tells no time nothing says that it is another one's repetition.
  const time = wordIn(timestamp) ?? `message ${messageId}`;
  const begun = await begin(deps, {
    stationId,
    protocol,
    at,
    receivedAt,
    late,
    key: hashOf('start', spelled(connectorId), (idToken ?? '').toUpperCase(), time, spelled(meterStart)),
    connector: connectorIn(connectorId),
    idToken,
    transactionId: null,
    remoteStartId: null,
    meterStartWh: wattHoursIn(meterStart),
  });
  if (begun.sessionId === null) await noteSuspect(deps, call, 'unknown_device');
  return {
    transactionId: begun.number,
    idTagInfo: { status: begun.status },
  } satisfies OCPP16.StartTransactionResponse;
}

async function metered(deps: DoorDeps, call: Call): Promise<Payload> {
  const { connection, receivedAt, payload } = call;
  const { stationId, protocol } = connection;
  const { meterValue } = payload;
  const connector = connectorIn(payload.connectorId);
  // The station's own meter: nobody's session.
  if (connector === 0) return {};
  const transactionId = transactionIn(payload.transactionId);
  const { at, late } = await stampOf(deps.database, call, timestampOf(meterValue));
  const { sessionId } = await deps.meter({
    stationId,
    protocol,
    at,
    receivedAt,
    late,
    key: hashOf('meter', transactionId ?? '', JSON.stringify(meterValue ?? null)),
    connector,
    transactionId,
    readings: readingsIn(meterValue, instantOf(call)),
  });
  if (sessionId === null && transactionId !== null) await noteSuspect(deps, call, 'unknown_transaction');
  return {};
}

/** Ends the transaction of that name at that station and no other, whatever else runs there. */
async function stopped(deps: DoorDeps, call: Call): Promise<Payload> {
  const { connection, receivedAt, payload } = call;
  const { stationId, protocol } = connection;
  const { timestamp, meterStop, reason, idTag, transactionData } = payload;
  const transactionId = transactionIn(payload.transactionId);
  const idToken = wordIn(idTag);
  if (transactionId === null) {
    await noteSuspect(deps, call, 'unknown_transaction');
    return {};
  }
  const { at, late } = await stampOf(deps.database, call, timestamp);
  const { sessionId, status } = await end(deps, {
    stationId,
    protocol,
    at,
    receivedAt,
    late,
    key: hashOf('stop', transactionId, spelled(timestamp)),
    transactionId,
    meterStopWh: wattHoursIn(meterStop),
    reason: wordIn(reason, 50) ?? 'Local',
    idToken,
    readings: readingsIn(transactionData, instantOf(call)),
  });
  if (sessionId === null) await noteSuspect(deps, call, 'unknown_transaction');
  return idToken === null ? {} : ({ idTagInfo: { status } } satisfies OCPP16.StopTransactionResponse);
}

/** Ours are above 0; stations say 0 or -1 when they have none. */
function transactionIn(value: unknown): string | null {
  const number = wholeIn(value);
  return number === null || number <= 0 ? null : String(number);
}

const timestampOf = (meterValue: unknown): unknown => {
  const last = listIn(meterValue).at(-1);
  return typeof last === 'object' && last !== null && 'timestamp' in last ? last.timestamp : undefined;
};
