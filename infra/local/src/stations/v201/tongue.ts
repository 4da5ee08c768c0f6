import type { OCPP20 } from 'typed-ocpp';
import type { Charge, Happening, StopReason } from '../charge.ts';
import type { Outlet } from '../outlet.ts';
import type { Letter } from '../post.ts';
import { answerFrom, type Body, type Tongue } from '../tongue.ts';
import { type Context, valuesOf } from '../values.ts';
import { understanding } from './understanding.ts';

type Trigger = OCPP20.TransactionEventRequest['triggerReason'];
type Reason = NonNullable<OCPP20.TransactionEventRequest['transactionInfo']['stoppedReason']>;

const endings: Record<StopReason, readonly [Trigger, Reason]> = {
  Remote: ['RemoteStop', 'Remote'],
  Local: ['StopAuthorized', 'Local'],
  EVDisconnected: ['EVCommunicationLost', 'EVDisconnected'],
  DeAuthorized: ['Deauthorized', 'DeAuthorized'],
  PowerLoss: ['AbnormalCondition', 'PowerLoss'],
  SoftReset: ['ResetCommand', 'ImmediateReset'],
  HardReset: ['ResetCommand', 'ImmediateReset'],
  Unlock: ['UnlockCommand', 'Other'],
  Fault: ['AbnormalCondition', 'GroundFault'],
  Timeout: ['EVConnectTimeout', 'Timeout'],
};
const beginnings: Record<Charge['by'], Trigger> = {
  remote: 'RemoteStart',
  card: 'Authorized',
  cable: 'CablePluggedIn',
};
/** After these the cable may stay in for as long as it likes. */
const untilUnplugged: readonly StopReason[] = ['Remote', 'Local', 'DeAuthorized', 'Unlock'];

/** What a station that speaks OCPP 2.0.1 says: one connector on each EVSE, a transaction as a row of events. */
export function createTongue201(body: Body): Tongue {
  const { outlets, switches } = body;
  const told = new Map<number, OCPP20.ConnectorStatus>();
  const numbers = new Map<string, number>();
  const over = new Set<string>();

  const meterValue = (charge: Charge, context: Context, registerWh: number, at: Date): OCPP20.MeterValueType => {
    const { powerW } = (outlets[charge.outlet - 1] as Outlet).meter;
    const sampledValue = valuesOf({ registerWh, powerW, context }, switches).map(
      ({ value, unit, measurand, phase }): OCPP20.SampledValueType => ({
        value,
        context,
        ...(measurand && { measurand }),
        // The multiplier is what 2.0.1 has kilo for; both spellings are met.
        ...(unit && { unitOfMeasure: unit === 'kWh' ? { unit: 'Wh', multiplier: 3 } : { unit } }),
        ...(phase && { phase }),
      }),
    );
    const [first] = sampledValue;
    if (switches.signed && context === 'Transaction.End' && first) {
      const { publicKey, sign } = body.signer();
      first.signedMeterValue = {
        signedMeterData: Buffer.from(sign(body.identity, charge, at, registerWh)).toString('base64'),
        signingMethod: 'ECDSA-secp256r1-SHA256',
        encodingMethod: 'OCMF',
        publicKey,
      };
    }
    return { timestamp: body.stamp(at), sampledValue };
  };

  const event = (
    charge: Charge,
    eventType: OCPP20.TransactionEventRequest['eventType'],
    triggerReason: Trigger,
    more: Partial<OCPP20.TransactionEventRequest> & { at?: Date; info?: object } = {},
  ): Letter => {
    const { at, info, ...rest } = more;
    const seqNo = numbers.get(charge.id) ?? 0;
    numbers.set(charge.id, switches.seqNoStuck ? 0 : seqNo + 1);
    const payload: OCPP20.TransactionEventRequest = {
      eventType,
      triggerReason,
      seqNo,
      timestamp: body.stamp(at),
      transactionInfo: {
        transactionId: charge.id,
        chargingState: stateOf(charge),
        ...(charge.remoteStartId !== null && { remoteStartId: charge.remoteStartId }),
        ...info,
      },
      evse: { id: charge.outlet, connectorId: 1 },
      ...rest,
    };
    return { action: 'TransactionEvent', payload: { ...payload }, charge: charge.id };
  };

  const metered = (outlet: Outlet, context: 'Sample.Periodic' | 'Trigger'): Letter | undefined => {
    if (!outlet.charge) return undefined;
    const value = meterValue(outlet.charge, context, outlet.meter.registerWh(), body.now());
    const trigger = context === 'Trigger' ? 'Trigger' : 'MeterValuePeriodic';
    return event(outlet.charge, 'Updated', trigger, { meterValue: [value] });
  };

  const begun = (charge: Charge) => {
    const beginning = meterValue(charge, 'Transaction.Begin', charge.meterStartWh, charge.beganAt);
    const started = event(charge, 'Started', beginnings[charge.by], {
      at: charge.beganAt,
      idToken: idTokenOf(charge),
      meterValue: [beginning],
      info: { chargingState: charge.flow === 'unplugged' ? 'Idle' : 'EVConnected' },
      ...(charge.reservation !== null && { reservationId: charge.reservation }),
    });
    if (!switches.losesStart) body.say(started);
    if (charge.flow === 'charging') body.say(event(charge, 'Updated', 'ChargingStateChanged'));
  };

  const end = (charge: Charge, triggerReason: Trigger, at: Date, chargingState: 'Idle' | 'EVConnected') => {
    over.add(charge.id);
    const [, stoppedReason] = endings[charge.reason as StopReason];
    const value = meterValue(charge, 'Transaction.End', charge.meterStopWh as number, charge.endedAt as Date);
    const info = { stoppedReason, chargingState };
    body.say(event(charge, 'Ended', triggerReason, { at, meterValue: [value], info, ...tokenOfEnding(charge) }));
  };

  const stopped = (charge: Charge, plugged: boolean) => {
    const reason = charge.reason as StopReason;
    const [triggerReason] = endings[reason];
    const endedAt = charge.endedAt as Date;
    if (reason === 'EVDisconnected') return;
    if (!plugged || switches.endsAt === 'stopped' || !untilUnplugged.includes(reason)) {
      return end(charge, triggerReason, endedAt, plugged ? 'EVConnected' : 'Idle');
    }
    const value = meterValue(charge, 'Sample.Periodic', charge.meterStopWh as number, endedAt);
    body.say(event(charge, 'Updated', triggerReason, { at: endedAt, meterValue: [value], ...tokenOfEnding(charge) }));
  };

  const happened = (outlet: Outlet, happening: Happening) => {
    if (happening.what === 'status') return announce(outlet);
    const { charge } = happening;
    switch (happening.what) {
      case 'begun':
        return begun(charge);
      case 'plugged':
        body.say(event(charge, 'Updated', 'CablePluggedIn', { info: { chargingState: 'EVConnected' } }));
        return body.say(event(charge, 'Updated', 'ChargingStateChanged'));
      case 'moved':
        return body.say(event(charge, 'Updated', 'ChargingStateChanged'));
      case 'metered': {
        const letter = metered(outlet, happening.context);
        return letter && body.say(letter);
      }
      case 'stopped':
        return stopped(charge, outlet.plugged);
      case 'left': {
        const trigger = charge.reason === 'EVDisconnected' ? 'EVCommunicationLost' : 'EVDeparted';
        if (!over.has(charge.id)) end(charge, trigger, charge.leftAt as Date, 'Idle');
      }
    }
  };

  const status = (outlet: Outlet): Letter => {
    const payload: OCPP20.StatusNotificationRequest = {
      timestamp: body.stamp(),
      connectorStatus: statusOf(outlet),
      evseId: outlet.number,
      connectorId: 1,
    };
    return { action: 'StatusNotification', payload: { ...payload } };
  };

  const announce = (outlet: Outlet) => {
    const word = statusOf(outlet);
    if (told.get(outlet.number) === word) return;
    told.set(outlet.number, word);
    body.say(status(outlet));
  };

  const commands = understanding(body, { status, metered, isOver: (charge) => over.has(charge) });
  return {
    protocol: 'ocpp2.0.1',
    boot: (reason) => ({
      action: 'BootNotification',
      payload: {
        reason,
        chargingStation: {
          vendorName: 'Forecourt',
          model: 'Demo station',
          serialNumber: body.identity.slice(0, 25),
          firmwareVersion: body.firmware(),
        },
      } satisfies OCPP20.BootNotificationRequest,
    }),
    authorize: (idToken) => ({
      action: 'Authorize',
      payload: { idToken: { idToken, type: 'ISO14443' } } satisfies OCPP20.AuthorizeRequest,
    }),
    authorization(answer) {
      const { status, groupIdToken } = (answer as unknown as OCPP20.AuthorizeResponse).idTokenInfo;
      return { accepted: status === 'Accepted', group: groupIdToken?.idToken ?? null };
    },
    announce(all) {
      if (all) told.clear();
      for (const outlet of outlets) announce(outlet);
    },
    happened,
    seal: ({ action, payload }, late) =>
      late && action === 'TransactionEvent' && switches.offlineFlag ? { ...payload, offline: true } : payload,
    answered({ action, payload, charge: id }, answer) {
      const { idTokenInfo } = answer as unknown as OCPP20.TransactionEventResponse;
      if (action !== 'TransactionEvent' || payload.eventType !== 'Started') return;
      const outlet = outlets.find(({ charge }) => charge?.id === id);
      if (idTokenInfo && idTokenInfo.status !== 'Accepted') outlet?.stop('DeAuthorized');
    },
    dropped({ action, payload }) {
      if (action === 'StatusNotification') told.delete(payload.evseId as number);
    },
    answer: (action, payload) => answerFrom(commands, action, payload),
  };
}

const idTokenOf = ({ idToken, by }: Charge): OCPP20.AuthorizeRequest['idToken'] => ({
  idToken,
  type: by === 'remote' ? 'Central' : by === 'card' ? 'ISO14443' : 'NoAuthorization',
});

const tokenOfEnding = ({ stopToken }: Charge): Partial<OCPP20.TransactionEventRequest> =>
  stopToken === null ? {} : { idToken: { idToken: stopToken, type: 'ISO14443' } };

function stateOf({ flow }: Charge): OCPP20.ChargingState {
  if (flow === 'charging') return 'Charging';
  if (flow === 'suspendedEV') return 'SuspendedEV';
  if (flow === 'suspendedEVSE') return 'SuspendedEVSE';
  return flow === 'unplugged' ? 'Idle' : 'EVConnected';
}

function statusOf({ faulted, operative, plugged, permitted, charge, reservation }: Outlet): OCPP20.ConnectorStatus {
  if (faulted) return 'Faulted';
  if (plugged || charge || permitted) return 'Occupied';
  if (!operative) return 'Unavailable';
  return reservation ? 'Reserved' : 'Available';
}
