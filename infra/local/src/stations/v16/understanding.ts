import type { OCPP16 } from 'typed-ocpp';
import type { Outlet } from '../outlet.ts';
import type { Letter } from '../post.ts';
import { type Body, type Progress, type Understanding, wattsOf } from '../tongue.ts';

interface Asked {
  RemoteStartTransaction: OCPP16.RemoteStartTransactionRequest;
  RemoteStopTransaction: OCPP16.RemoteStopTransactionRequest;
  Reset: OCPP16.ResetRequest;
  UnlockConnector: OCPP16.UnlockConnectorRequest;
  ChangeAvailability: OCPP16.ChangeAvailabilityRequest;
  GetConfiguration: OCPP16.GetConfigurationRequest;
  ChangeConfiguration: OCPP16.ChangeConfigurationRequest;
  TriggerMessage: OCPP16.TriggerMessageRequest;
  SetChargingProfile: OCPP16.SetChargingProfileRequest;
  ClearChargingProfile: OCPP16.ClearChargingProfileRequest;
  ReserveNow: OCPP16.ReserveNowRequest;
  CancelReservation: OCPP16.CancelReservationRequest;
  UpdateFirmware: OCPP16.UpdateFirmwareRequest;
  GetDiagnostics: OCPP16.GetDiagnosticsRequest;
  ClearCache: OCPP16.ClearCacheRequest;
  DataTransfer: OCPP16.DataTransferRequest;
}

interface Words {
  status(outlet: Outlet | 0): Letter;
  metered(outlet: Outlet, context: 'Trigger'): Letter | undefined;
}

const uploading: Record<Progress, string> = {
  working: 'Uploading',
  fetched: 'Uploading',
  done: 'Uploaded',
  failed: 'UploadFailed',
};
const installing: Record<Progress, string> = {
  working: 'Downloading',
  fetched: 'Downloaded',
  done: 'Installed',
  failed: 'DownloadFailed',
};

/** What a station that speaks OCPP 1.6 makes of each call. */
export function understanding(body: Body, { status, metered }: Words): Understanding<Asked> {
  const { outlets, switches, settings } = body;
  const accepted = (afterwards?: () => void) => ({ payload: { status: 'Accepted' }, afterwards });
  const rejected = { payload: { status: 'Rejected' } };
  const one = (connectorId: number) => outlets[connectorId - 1];
  const several = (connectorId: number) => (connectorId === 0 ? outlets : outlets.slice(connectorId - 1, connectorId));

  return {
    RemoteStartTransaction({ connectorId, idTag, chargingProfile }) {
      if (switches.remoteStart === 'silent') return 'silent';
      const free = outlets.find(({ charge, permitted }) => !charge && !permitted);
      const outlet = connectorId === undefined ? free : one(connectorId);
      if (switches.remoteStart === 'refuse' || !outlet?.mayPermit(idTag)) return rejected;
      const limitW = chargingProfile ? wattsOf(chargingProfile.chargingSchedule) : null;
      return accepted(() => outlet.permit({ idToken: idTag, by: 'remote', limitW }));
    },
    RemoteStopTransaction({ transactionId }) {
      if (switches.remoteStop === 'silent') return 'silent';
      const outlet = outlets.find(({ charge }) => charge?.number === transactionId && charge.flow !== 'stopped');
      if (switches.remoteStop === 'refuse' || !outlet) return rejected;
      return accepted(() => outlet.stop('Remote'));
    },
    Reset: ({ type }) => accepted(() => body.reset(type === 'Hard' ? 'HardReset' : 'SoftReset')),
    UnlockConnector({ connectorId }) {
      const outlet = one(connectorId);
      if (!outlet) return { payload: { status: 'NotSupported' } };
      return {
        payload: { status: outlet.faulted ? 'UnlockFailed' : 'Unlocked' },
        afterwards: () => outlet.stop('Unlock'),
      };
    },
    ChangeAvailability({ connectorId, type }) {
      const chosen = several(connectorId);
      if (chosen.length === 0) return rejected;
      const isScheduled = type === 'Inoperative' && chosen.some(({ charge }) => charge);
      return {
        payload: { status: isScheduled ? 'Scheduled' : 'Accepted' },
        afterwards: () => {
          for (const outlet of chosen) outlet.setOperative(type === 'Operative');
        },
      };
    },
    GetConfiguration({ key: wished }) {
      const readable = settings.filter(({ read }) => read);
      const shown = wished?.length ? readable.filter(({ key16 }) => wished.includes(key16)) : readable;
      return {
        payload: {
          configurationKey: shown.map(({ key16, read, write }) => ({ key: key16, readonly: !write, value: read?.() })),
          unknownKey: (wished ?? []).filter((key) => !shown.some(({ key16 }) => key16 === key)),
        },
      };
    },
    ChangeConfiguration({ key, value }) {
      const setting = settings.find(({ key16 }) => key16 === key);
      if (!setting) return { payload: { status: 'NotSupported' } };
      return setting.write?.(value) ? accepted() : rejected;
    },
    TriggerMessage({ requestedMessage, connectorId = 0 }) {
      const chosen = several(connectorId);
      if (chosen.length === 0) return rejected;
      const say = (letters: (Letter | undefined)[]) =>
        accepted(() => {
          for (const letter of letters) if (letter) body.sayNow(letter);
        });
      switch (requestedMessage) {
        case 'BootNotification':
          return accepted(() => body.introduceAgain());
        case 'Heartbeat':
          return say([{ action: 'Heartbeat', payload: {} }]);
        case 'StatusNotification':
          return say([...(connectorId === 0 ? [status(0)] : []), ...chosen.map(status)]);
        case 'MeterValues':
          return say(chosen.map((outlet) => metered(outlet, 'Trigger')));
        case 'FirmwareStatusNotification':
        case 'DiagnosticsStatusNotification':
          return say([{ action: requestedMessage, payload: { status: 'Idle' } }]);
      }
    },
    SetChargingProfile({ connectorId, csChargingProfiles }) {
      const limit = wattsOf(csChargingProfiles.chargingSchedule);
      for (const outlet of several(connectorId)) outlet.limit(limit);
      return accepted();
    },
    ClearChargingProfile({ connectorId = 0 }) {
      for (const outlet of several(connectorId)) outlet.limit(null);
      return accepted();
    },
    ReserveNow({ connectorId, reservationId, idTag, expiryDate }) {
      const expiresAt = new Date(expiryDate);
      return {
        payload: {
          status: one(connectorId)?.reserve({ number: reservationId, idToken: idTag, expiresAt }) ?? 'Rejected',
        },
      };
    },
    CancelReservation: ({ reservationId }) =>
      outlets.some((outlet) => outlet.cancelReservation(reservationId)) ? accepted() : rejected,
    UpdateFirmware: ({ location }) => ({
      payload: {},
      afterwards: () =>
        body.fetchFirmware(location, (progress) =>
          body.say({ action: 'FirmwareStatusNotification', payload: { status: installing[progress] } }),
        ),
    }),
    GetDiagnostics: ({ location }) => ({
      payload: { fileName: `${body.identity}.log`.slice(-255) },
      afterwards: () =>
        body.sendDiagnostics(location, (progress) =>
          body.say({ action: 'DiagnosticsStatusNotification', payload: { status: uploading[progress] } }),
        ),
    }),
    ClearCache: () => accepted(),
    DataTransfer: () => ({ payload: { status: 'UnknownVendorId' } }),
  };
}
