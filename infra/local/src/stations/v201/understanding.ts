import type { OCPP20 } from 'typed-ocpp';
import type { Outlet } from '../outlet.ts';
import type { Letter } from '../post.ts';
import { type Body, type Progress, type Understanding, wattsOf } from '../tongue.ts';

interface Asked {
  RequestStartTransaction: OCPP20.RequestStartTransactionRequest;
  RequestStopTransaction: OCPP20.RequestStopTransactionRequest;
  GetTransactionStatus: OCPP20.GetTransactionStatusRequest;
  Reset: OCPP20.ResetRequest;
  UnlockConnector: OCPP20.UnlockConnectorRequest;
  ChangeAvailability: OCPP20.ChangeAvailabilityRequest;
  GetVariables: OCPP20.GetVariablesRequest;
  SetVariables: OCPP20.SetVariablesRequest;
  TriggerMessage: OCPP20.TriggerMessageRequest;
  SetChargingProfile: OCPP20.SetChargingProfileRequest;
  ClearChargingProfile: OCPP20.ClearChargingProfileRequest;
  ReserveNow: OCPP20.ReserveNowRequest;
  CancelReservation: OCPP20.CancelReservationRequest;
  UpdateFirmware: OCPP20.UpdateFirmwareRequest;
  GetLog: OCPP20.GetLogRequest;
  CostUpdated: OCPP20.CostUpdatedRequest;
  ClearCache: OCPP20.ClearCacheRequest;
  DataTransfer: OCPP20.DataTransferRequest;
}

interface Words {
  status(outlet: Outlet): Letter;
  metered(outlet: Outlet, context: 'Trigger'): Letter | undefined;
  isOver(charge: string): boolean;
}

const uploading: Record<Progress, OCPP20.LogStatusNotificationRequest['status']> = {
  working: 'Uploading',
  fetched: 'Uploading',
  done: 'Uploaded',
  failed: 'UploadFailure',
};
const installing: Record<Progress, OCPP20.FirmwareStatusNotificationRequest['status']> = {
  working: 'Downloading',
  fetched: 'Downloaded',
  done: 'Installed',
  failed: 'DownloadFailed',
};

/** What a station that speaks OCPP 2.0.1 makes of each call. */
export function understanding(body: Body, { status, metered, isOver }: Words): Understanding<Asked> {
  const { outlets, switches, settings } = body;
  const accepted = (afterwards?: () => void) => ({ payload: { status: 'Accepted' }, afterwards });
  const rejected = { payload: { status: 'Rejected' } };
  const several = (evse: { id: number } | undefined) =>
    evse === undefined || evse.id === 0 ? outlets : outlets.slice(evse.id - 1, evse.id);
  const find = (component: string, variable: string) => ({
    setting: settings.find(({ key201 }) => key201[0] === component && key201[1] === variable),
    isComponent: settings.some(({ key201 }) => key201[0] === component),
  });

  return {
    RequestStartTransaction({ evseId, idToken, remoteStartId, chargingProfile }) {
      if (switches.remoteStart === 'silent') return 'silent';
      const outlet = evseId === undefined ? outlets.find(({ charge }) => !charge) : outlets[evseId - 1];
      if (switches.remoteStart === 'refuse' || !outlet?.mayPermit(idToken.idToken)) return rejected;
      const [schedule] = chargingProfile?.chargingSchedule ?? [];
      const limitW = schedule ? wattsOf(schedule) : null;
      return accepted(() => outlet.permit({ idToken: idToken.idToken, by: 'remote', remoteStartId, limitW }));
    },
    RequestStopTransaction({ transactionId }) {
      if (switches.remoteStop === 'silent') return 'silent';
      const outlet = outlets.find(({ charge }) => charge?.id === transactionId && charge.flow !== 'stopped');
      if (switches.remoteStop === 'refuse' || !outlet) return rejected;
      return accepted(() => outlet.stop('Remote'));
    },
    GetTransactionStatus({ transactionId }) {
      const charges = outlets.flatMap((outlet) => outlet.charges);
      if (transactionId === undefined) {
        return { payload: { messagesInQueue: charges.some(({ id }) => body.hasToSay(id)) } };
      }
      const isOngoing = charges.some(({ id }) => id === transactionId) && !isOver(transactionId);
      return { payload: { ongoingIndicator: isOngoing, messagesInQueue: body.hasToSay(transactionId) } };
    },
    Reset({ type }) {
      const waits = type === 'OnIdle' && outlets.some(({ charge }) => charge);
      return {
        payload: { status: waits ? 'Scheduled' : 'Accepted' },
        afterwards: () => body.reset(type === 'OnIdle' ? 'SoftReset' : 'HardReset', type === 'OnIdle'),
      };
    },
    UnlockConnector({ evseId }) {
      const outlet = outlets[evseId - 1];
      if (!outlet) return { payload: { status: 'UnknownConnector' } };
      if (outlet.charge && outlet.charge.flow !== 'stopped') {
        return { payload: { status: 'OngoingAuthorizedTransaction' } };
      }
      return { payload: { status: outlet.faulted ? 'UnlockFailed' : 'Unlocked' } };
    },
    ChangeAvailability({ evse, operationalStatus }) {
      const chosen = several(evse);
      if (chosen.length === 0) return rejected;
      const isScheduled = operationalStatus === 'Inoperative' && chosen.some(({ charge }) => charge);
      return {
        payload: { status: isScheduled ? 'Scheduled' : 'Accepted' },
        afterwards: () => {
          for (const outlet of chosen) outlet.setOperative(operationalStatus === 'Operative');
        },
      };
    },
    GetVariables: ({ getVariableData }) => ({
      payload: {
        getVariableResult: getVariableData.map(({ component, variable }) => {
          const { setting, isComponent } = find(component.name, variable.name);
          const known = isComponent ? 'UnknownVariable' : 'UnknownComponent';
          if (!setting) return { attributeStatus: known, component, variable };
          if (!setting.read) return { attributeStatus: 'Rejected', component, variable };
          return { attributeStatus: 'Accepted', attributeValue: setting.read(), component, variable };
        }),
      },
    }),
    SetVariables: ({ setVariableData }) => ({
      payload: {
        setVariableResult: setVariableData.map(({ component, variable, attributeValue }) => {
          const { setting, isComponent } = find(component.name, variable.name);
          const unknown = isComponent ? 'UnknownVariable' : 'UnknownComponent';
          const attributeStatus = setting ? (setting.write?.(attributeValue) ? 'Accepted' : 'Rejected') : unknown;
          return { attributeStatus, component, variable };
        }),
      },
    }),
    TriggerMessage({ requestedMessage, evse }) {
      const chosen = several(evse);
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
          return say(chosen.map(status));
        case 'MeterValues':
        case 'TransactionEvent':
          return say(chosen.map((outlet) => metered(outlet, 'Trigger')));
        case 'FirmwareStatusNotification':
        case 'LogStatusNotification':
          return say([{ action: requestedMessage, payload: { status: 'Idle' } }]);
        default:
          return { payload: { status: 'NotImplemented' } };
      }
    },
    SetChargingProfile({ evseId, chargingProfile }) {
      const [schedule] = chargingProfile.chargingSchedule;
      for (const outlet of several({ id: evseId })) outlet.limit(schedule ? wattsOf(schedule) : null);
      return accepted();
    },
    ClearChargingProfile({ chargingProfileCriteria }) {
      for (const outlet of several({ id: chargingProfileCriteria?.evseId ?? 0 })) outlet.limit(null);
      return accepted();
    },
    ReserveNow({ id: number, idToken, expiryDateTime, evseId }) {
      const outlet = evseId === undefined ? outlets.find(({ charge }) => !charge) : outlets[evseId - 1];
      const expiresAt = new Date(expiryDateTime);
      return { payload: { status: outlet?.reserve({ number, idToken: idToken.idToken, expiresAt }) ?? 'Rejected' } };
    },
    CancelReservation: ({ reservationId }) =>
      outlets.some((outlet) => outlet.cancelReservation(reservationId)) ? accepted() : rejected,
    UpdateFirmware: ({ requestId, firmware }) =>
      accepted(() =>
        body.fetchFirmware(firmware.location, (progress) =>
          body.say({ action: 'FirmwareStatusNotification', payload: { status: installing[progress], requestId } }),
        ),
      ),
    GetLog: ({ requestId, log }) => ({
      payload: { status: 'Accepted', filename: `${body.identity}.log`.slice(-255) },
      afterwards: () =>
        body.sendDiagnostics(log.remoteLocation, (progress) =>
          body.say({ action: 'LogStatusNotification', payload: { status: uploading[progress], requestId } }),
        ),
    }),
    CostUpdated: () => ({ payload: {} }),
    ClearCache: () => accepted(),
    DataTransfer: () => ({ payload: { status: 'UnknownVendorId' } }),
  };
}
