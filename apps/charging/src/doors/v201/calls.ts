import type { OCPP20 } from 'typed-ocpp';
import type { Payload } from '../../ocpp/frame.ts';
import { endReserved } from '../../reservation/service.ts';
import { authorize } from '../../session/service.ts';
import { tellStory } from '../../station/story.ts';
import type { Call, DoorDeps, Duties, Duty } from '../answering.ts';
import { hashOf } from '../handled.ts';
import { introduce, timeOf } from '../introducing.ts';
import { connectorIn, fieldsIn, listIn, numberIn, readingsIn, wordIn } from '../payload.ts';
import { instantOf, stampOf } from '../visit.ts';
import { hearReport } from './report.ts';
import { noticed201 } from './statuses.ts';
import { transacted } from './transactions.ts';

/** What a station of OCPP 2.0.1 may call for. */
export function duties201(deps: DoorDeps): Duties {
  const story =
    (kind: string) =>
    async ({ connection: { stationId }, receivedAt: at, payload }: Call): Promise<Payload> => {
      await tellStory(deps.database, { stationId, at, kind, detail: payload });
      return {};
    };
  const heard: Duty = { reading: 'strict', answer: async () => ({}) };
  const duties: Record<string, Duty> = {
    BootNotification: { reading: 'patient', answer: (call) => booted(deps, call) },
    Heartbeat: {
      reading: 'patient',
      answer: async ({ receivedAt }) => ({ currentTime: timeOf(receivedAt) }) satisfies OCPP20.HeartbeatResponse,
    },
    Authorize: { reading: 'strict', answer: (call) => authorized(deps, call) },
    StatusNotification: { reading: 'patient', answer: (call) => noticed201(deps, call) },
    TransactionEvent: {
      reading: 'patient',
      remembered: ({ eventType, idToken }) => eventType !== 'Updated' || idToken !== undefined,
      answer: (call) => transacted(deps, call),
    },
    MeterValues: { reading: 'patient', answer: (call) => metered(deps, call) },
    DataTransfer: {
      reading: 'strict',
      answer: async () => ({ status: 'UnknownVendorId' }) satisfies OCPP20.DataTransferResponse,
    },
    FirmwareStatusNotification: { reading: 'strict', answer: story('station.firmware') },
    LogStatusNotification: { reading: 'strict', answer: story('station.diagnostics') },
    SecurityEventNotification: { reading: 'patient', answer: story('station.security') },
    ReservationStatusUpdate: { reading: 'strict', answer: (call) => unreserved(deps, call) },
    SignCertificate: {
      reading: 'strict',
      answer: async () => ({ status: 'Rejected' }) satisfies OCPP20.SignCertificateResponse,
    },
    NotifyReport: {
      reading: 'patient',
      answer: async ({ connection, payload }) => {
        hearReport(connection, payload);
        return {} satisfies OCPP20.NotifyReportResponse;
      },
    },
    // Nobody asks for these, and nobody needs them; a station that sends them is not to be held up.
    NotifyEvent: heard,
    NotifyMonitoringReport: heard,
    NotifyChargingLimit: heard,
    ClearedChargingLimit: heard,
    ReportChargingProfiles: heard,
    NotifyDisplayMessages: heard,
    NotifyCustomerInformation: heard,
  };
  return new Map(Object.entries(duties));
}

/** What a station keeps for nobody any more, we do not either: the driver sees the device as it is. */
async function unreserved(deps: DoorDeps, { connection: { stationId }, receivedAt: at, payload }: Call) {
  const { reservationId, reservationUpdateStatus } = payload;
  const number = numberIn(reservationId);
  if (number !== null) await endReserved(deps, { stationId, number, isOver: reservationUpdateStatus === 'Expired' });
  await tellStory(deps.database, { stationId, at, kind: 'station.reservation', detail: payload });
  return {} satisfies OCPP20.ReservationStatusUpdateResponse;
}

async function booted(deps: DoorDeps, call: Call): Promise<Payload> {
  const { reason, chargingStation } = call.payload;
  const { vendorName, model, serialNumber, firmwareVersion } = fieldsIn(chargingStation);
  const welcome = await introduce(deps, call, {
    vendor: wordIn(vendorName),
    model: wordIn(model),
    serialNumber: wordIn(serialNumber),
    firmware: wordIn(firmwareVersion),
    reason: wordIn(reason, 50),
  });
  return welcome satisfies OCPP20.BootNotificationResponse;
}

async function authorized(deps: DoorDeps, { connection, payload }: Call) {
  const idToken = wordIn(fieldsIn(payload.idToken).idToken) ?? '';
  const { status, groupToken, expiresAt } = await authorize(deps, { stationId: connection.stationId, idToken });
  return {
    idTokenInfo: {
      status,
      ...(groupToken !== null && { groupIdToken: { idToken: groupToken, type: 'ISO14443' as const } }),
      ...(expiresAt && { cacheExpiryDateTime: timeOf(expiresAt) }),
    },
  } satisfies OCPP20.AuthorizeResponse;
}

/** By the clock rather than in a transaction; what runs at the EVSE meanwhile is metered by it too. */
async function metered(deps: DoorDeps, call: Call): Promise<Payload> {
  const { connection, receivedAt, payload } = call;
  const connector = connectorIn(payload.evseId);
  // The station's own meter: nobody's session.
  if (connector === null || connector === 0) return {};
  const { timestamp } = fieldsIn(listIn(payload.meterValue).at(-1));
  const { at, late } = await stampOf(deps.database, call, timestamp);
  await deps.meter({
    stationId: connection.stationId,
    protocol: connection.protocol,
    at,
    receivedAt,
    late,
    key: hashOf('meter', JSON.stringify(payload.meterValue ?? null)),
    connector,
    transactionId: null,
    readings: readingsIn(payload.meterValue, instantOf(call)),
  });
  return {};
}
