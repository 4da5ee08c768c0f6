import type { OCPP20 } from 'typed-ocpp';
import type { Wish } from '../../station/wish.ts';
import { timeOf } from '../introducing.ts';
import { type Asking, always, byStatus } from '../outcome.ts';
import { fieldsIn, listIn } from '../payload.ts';

/**
 * In the words of OCPP 2.0.1. `number`: of a request that is named by one, in what follows it. `plug`: of an EVSE that has
 * several, the one that is meant.
 */
export function asking201(wish: Wish, number: number, plug = 1): Asking | null {
  switch (wish.action) {
    case 'remoteStart':
      return asking(
        'RequestStartTransaction',
        {
          evseId: wish.connector,
          idToken: { idToken: wish.idToken, type: 'Central' },
          remoteStartId: wish.remoteStartId,
          ...(wish.limitW !== undefined && { chargingProfile: limitTo(wish.limitW, 'TxProfile') }),
        } satisfies OCPP20.RequestStartTransactionRequest,
        accepts,
      );
    case 'remoteStop':
      return asking(
        'RequestStopTransaction',
        { transactionId: wish.transactionId } satisfies OCPP20.RequestStopTransactionRequest,
        accepts,
      );
    case 'reset':
      return asking(
        'Reset',
        { type: wish.kind === 'hard' ? 'Immediate' : 'OnIdle' } satisfies OCPP20.ResetRequest,
        byStatus(['Accepted', 'Scheduled']),
      );
    case 'unlock':
      return asking(
        'UnlockConnector',
        { evseId: wish.connector, connectorId: plug } satisfies OCPP20.UnlockConnectorRequest,
        byStatus(['Unlocked']),
      );
    case 'changeAvailability':
      return asking(
        'ChangeAvailability',
        {
          operationalStatus: wish.operative ? 'Operative' : 'Inoperative',
          ...(wish.connector > 0 && { evse: { id: wish.connector } }),
        } satisfies OCPP20.ChangeAvailabilityRequest,
        byStatus(['Accepted', 'Scheduled']),
      );
    case 'getConfiguration':
      return asking(
        'GetVariables',
        { getVariableData: (wish.keys.length > 0 ? wish.keys : usualVariables).map(variableOf) },
        always,
      );
    case 'setConfiguration':
      return asking(
        'SetVariables',
        {
          setVariableData: [{ ...variableOf(wish.key), attributeValue: wish.value }],
        } satisfies OCPP20.SetVariablesRequest,
        ({ setVariableResult }) => isSet(fieldsIn(listIn(setVariableResult)[0])),
      );
    case 'trigger':
      return asking(
        'TriggerMessage',
        {
          requestedMessage: wish.message === 'DiagnosticsStatusNotification' ? 'LogStatusNotification' : wish.message,
          ...(wish.connector !== undefined && { evse: { id: wish.connector, ...ofConnector(wish.message) } }),
        },
        byStatus(['Accepted'], ['NotImplemented']),
      );
    case 'setPowerLimit':
      return wish.watts === null ? clearLimit(wish.connector) : setLimit(wish.connector, wish.watts);
    case 'updateFirmware':
      return asking(
        'UpdateFirmware',
        {
          requestId: number,
          firmware: { location: wish.url, retrieveDateTime: timeOf(wish.at) },
        } satisfies OCPP20.UpdateFirmwareRequest,
        byStatus(['Accepted', 'AcceptedCanceled']),
      );
    case 'getDiagnostics':
      return asking(
        'GetLog',
        {
          logType: 'DiagnosticsLog',
          requestId: number,
          log: { remoteLocation: wish.url },
        } satisfies OCPP20.GetLogRequest,
        byStatus(['Accepted', 'AcceptedCanceled']),
      );
    case 'reserve':
      return asking(
        'ReserveNow',
        {
          id: wish.number,
          evseId: wish.connector,
          expiryDateTime: timeOf(wish.expiresAt),
          idToken: { idToken: wish.idToken, type: 'Central' },
        } satisfies OCPP20.ReserveNowRequest,
        accepts,
      );
    case 'cancelReservation':
      return asking(
        'CancelReservation',
        { reservationId: wish.number } satisfies OCPP20.CancelReservationRequest,
        accepts,
      );
    case 'getTransactionStatus':
      return asking(
        'GetTransactionStatus',
        { transactionId: wish.transactionId } satisfies OCPP20.GetTransactionStatusRequest,
        ({ messagesInQueue }) => (typeof messagesInQueue === 'boolean' ? 'accepted' : 'failed'),
      );
  }
}

/** It does not know of the transaction, and has nothing left to tell: messages in its queue are not an end. */
export const isForgotten = (answer: unknown): boolean => {
  const { ongoingIndicator, messagesInQueue } = fieldsIn(answer);
  return ongoingIndicator === false && messagesInQueue === false;
};

const asking = (action: string, payload: Asking['payload'], judge: Asking['judge']): Asking => ({
  action,
  payload,
  judge,
});

const accepts = byStatus(['Accepted']);

/** What operators look at, of a station that gives no report of all that it has. */
const usualVariables = [
  'AlignedDataCtrlr.Interval',
  'AuthCtrlr.Enabled',
  'OCPPCommCtrlr.HeartbeatInterval',
  'OCPPCommCtrlr.OfflineThreshold',
  'SampledDataCtrlr.TxUpdatedInterval',
  'SampledDataCtrlr.TxUpdatedMeasurands',
  'SecurityCtrlr.SecurityProfile',
  'TxCtrlr.EVConnectionTimeOut',
  'TxCtrlr.TxStartPoint',
  'TxCtrlr.TxStopPoint',
];

/** `Component.Variable`; what has no point is a variable of the station. */
function variableOf(key: string): { component: { name: string }; variable: { name: string } } {
  const point = key.indexOf('.');
  const [component, variable] = point > 0 ? [key.slice(0, point), key.slice(point + 1)] : ['ChargingStation', key];
  return { component: { name: component }, variable: { name: variable } };
}

function isSet({ attributeStatus }: Readonly<Record<string, unknown>>) {
  switch (attributeStatus) {
    case 'Accepted':
    case 'RebootRequired':
      return 'accepted';
    case 'Rejected':
      return 'rejected';
    case 'UnknownComponent':
    case 'UnknownVariable':
    case 'NotSupportedAttributeType':
      return 'not_supported';
    default:
      return 'failed';
  }
}

/** A status is a connector's; the rest is an EVSE's. */
const ofConnector = (message: string) => (message === 'StatusNotification' ? { connectorId: 1 } : {});

type Purpose = OCPP20.SetChargingProfileRequest['chargingProfile']['chargingProfilePurpose'];

/** One for each purpose: a new limit takes the place of the old one. */
const profileIds: Partial<Record<Purpose, number>> = {
  TxProfile: 1,
  TxDefaultProfile: 2,
  ChargingStationMaxProfile: 3,
};

function limitTo(watts: number, purpose: Purpose): OCPP20.SetChargingProfileRequest['chargingProfile'] {
  const id = profileIds[purpose] ?? 4;
  return {
    id,
    stackLevel: 0,
    chargingProfilePurpose: purpose,
    chargingProfileKind: purpose === 'TxProfile' ? 'Relative' : 'Absolute',
    chargingSchedule: [{ id, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: watts }] }],
  };
}

const purposeAt = (connector: number): Purpose => (connector === 0 ? 'ChargingStationMaxProfile' : 'TxDefaultProfile');

const setLimit = (connector: number, watts: number): Asking =>
  asking(
    'SetChargingProfile',
    {
      evseId: connector,
      chargingProfile: limitTo(watts, purposeAt(connector)),
    } satisfies OCPP20.SetChargingProfileRequest,
    accepts,
  );

/** Unknown: there was none to clear. */
const clearLimit = (connector: number): Asking =>
  asking(
    'ClearChargingProfile',
    {
      chargingProfileCriteria: { evseId: connector, chargingProfilePurpose: purposeAt(connector), stackLevel: 0 },
    } satisfies OCPP20.ClearChargingProfileRequest,
    byStatus(['Accepted', 'Unknown']),
  );
