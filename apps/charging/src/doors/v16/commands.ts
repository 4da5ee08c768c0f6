import type { OCPP16 } from 'typed-ocpp';
import type { Wish } from '../../station/wish.ts';
import { timeOf } from '../introducing.ts';
import { type Asking, always, byStatus } from '../outcome.ts';

/** In the words of OCPP 1.6; null: it has none for it. */
export function asking16(wish: Wish): Asking | null {
  switch (wish.action) {
    case 'remoteStart':
      return asking(
        'RemoteStartTransaction',
        {
          connectorId: wish.connector,
          idTag: wish.idToken,
          ...(wish.limitW !== undefined && { chargingProfile: limitTo(wish.limitW, 'TxProfile') }),
        } satisfies OCPP16.RemoteStartTransactionRequest,
        accepts,
      );
    case 'remoteStop': {
      const transactionId = Number(wish.transactionId);
      // It began when the station spoke 2.0.1, where names are words.
      if (!Number.isSafeInteger(transactionId)) return null;
      return asking('RemoteStopTransaction', { transactionId } satisfies OCPP16.RemoteStopTransactionRequest, accepts);
    }
    case 'reset':
      return asking('Reset', { type: wish.kind === 'hard' ? 'Hard' : 'Soft' } satisfies OCPP16.ResetRequest, accepts);
    case 'unlock':
      return asking(
        'UnlockConnector',
        { connectorId: wish.connector } satisfies OCPP16.UnlockConnectorRequest,
        byStatus(['Unlocked'], ['NotSupported']),
      );
    case 'changeAvailability':
      return asking(
        'ChangeAvailability',
        {
          connectorId: wish.connector,
          type: wish.operative ? 'Operative' : 'Inoperative',
        } satisfies OCPP16.ChangeAvailabilityRequest,
        byStatus(['Accepted', 'Scheduled']),
      );
    case 'getConfiguration':
      return asking(
        'GetConfiguration',
        (wish.keys.length > 0 ? { key: wish.keys } : {}) satisfies OCPP16.GetConfigurationRequest,
        always,
      );
    case 'setConfiguration':
      return asking(
        'ChangeConfiguration',
        { key: wish.key, value: wish.value } satisfies OCPP16.ChangeConfigurationRequest,
        byStatus(['Accepted', 'RebootRequired'], ['NotSupported']),
      );
    case 'trigger':
      return asking(
        'TriggerMessage',
        {
          requestedMessage: wish.message,
          ...(wish.connector !== undefined && { connectorId: wish.connector }),
        },
        byStatus(['Accepted'], ['NotImplemented']),
      );
    case 'setPowerLimit':
      return wish.watts === null ? clearLimit(wish.connector) : setLimit(wish.connector, wish.watts);
    case 'updateFirmware':
      return asking(
        'UpdateFirmware',
        { location: wish.url, retrieveDate: timeOf(wish.at) } satisfies OCPP16.UpdateFirmwareRequest,
        always,
      );
    case 'getDiagnostics':
      return asking('GetDiagnostics', { location: wish.url } satisfies OCPP16.GetDiagnosticsRequest, always);
    case 'reserve':
      return asking(
        'ReserveNow',
        {
          connectorId: wish.connector,
          expiryDate: timeOf(wish.expiresAt),
          idTag: wish.idToken,
          reservationId: wish.number,
        } satisfies OCPP16.ReserveNowRequest,
        accepts,
      );
    case 'cancelReservation':
      return asking(
        'CancelReservation',
        { reservationId: wish.number } satisfies OCPP16.CancelReservationRequest,
        accepts,
      );
    case 'getTransactionStatus':
      return null;
  }
}

const asking = (action: string, payload: Asking['payload'], judge: Asking['judge']): Asking => ({
  action,
  payload,
  judge,
});

const accepts = byStatus(['Accepted']);

type Purpose = OCPP16.SetChargingProfileRequest['csChargingProfiles']['chargingProfilePurpose'];

/** One for each purpose: a new limit takes the place of the old one. */
const profileIds: Readonly<Record<Purpose, number>> = { TxProfile: 1, TxDefaultProfile: 2, ChargePointMaxProfile: 3 };

const limitTo = (watts: number, purpose: Purpose): OCPP16.SetChargingProfileRequest['csChargingProfiles'] => ({
  chargingProfileId: profileIds[purpose],
  stackLevel: 0,
  chargingProfilePurpose: purpose,
  chargingProfileKind: purpose === 'TxProfile' ? 'Relative' : 'Absolute',
  chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: watts }] },
});

const purposeAt = (connector: number): Purpose => (connector === 0 ? 'ChargePointMaxProfile' : 'TxDefaultProfile');

const setLimit = (connector: number, watts: number): Asking =>
  asking(
    'SetChargingProfile',
    {
      connectorId: connector,
      csChargingProfiles: limitTo(watts, purposeAt(connector)),
    } satisfies OCPP16.SetChargingProfileRequest,
    byStatus(['Accepted'], ['NotSupported']),
  );

/** Unknown: there was none to clear. */
const clearLimit = (connector: number): Asking =>
  asking(
    'ClearChargingProfile',
    {
      connectorId: connector,
      chargingProfilePurpose: purposeAt(connector),
      stackLevel: 0,
    } satisfies OCPP16.ClearChargingProfileRequest,
    byStatus(['Accepted', 'Unknown']),
  );
