import type { OCPP16 } from 'typed-ocpp';
import type { Charge, StopReason } from '../charge.ts';
import type { Outlet } from '../outlet.ts';
import type { Letter } from '../post.ts';
import type { Body, Tongue } from '../tongue.ts';
import { answerFrom } from '../tongue.ts';
import { type Context, valuesOf } from '../values.ts';
import { understanding } from './understanding.ts';

const reasons: Record<StopReason, NonNullable<OCPP16.StopTransactionRequest['reason']>> = {
  Remote: 'Remote',
  Local: 'Local',
  EVDisconnected: 'EVDisconnected',
  DeAuthorized: 'DeAuthorized',
  PowerLoss: 'PowerLoss',
  SoftReset: 'SoftReset',
  HardReset: 'HardReset',
  Unlock: 'UnlockCommand',
  Fault: 'Other',
  Timeout: 'Other',
};

/** What a station that speaks OCPP 1.6 says. */
export function createTongue16(body: Body): Tongue {
  const { outlets, switches } = body;
  const told = new Map<number, OCPP16.Status>();

  const chargeOf = ({ charge }: Letter): Charge | undefined =>
    outlets.flatMap(({ charges }) => charges).find(({ id }) => id === charge);

  const meterValue = (charge: Charge, context: Context, registerWh: number, at: Date): OCPP16.MeterValue => {
    const { powerW } = (outlets[charge.outlet - 1] as Outlet).meter;
    const sampledValue = valuesOf({ registerWh, powerW, context }, switches).map(
      ({ value, unit, measurand, phase }): OCPP16.SampledValue => ({
        value: String(value),
        context,
        ...(measurand && { measurand }),
        ...(unit && { unit }),
        ...(phase && { phase }),
      }),
    );
    return { timestamp: body.stamp(at), sampledValue };
  };

  const start = (charge: Charge): Letter => {
    const payload: OCPP16.StartTransactionRequest = {
      connectorId: charge.outlet,
      idTag: charge.idToken,
      meterStart: charge.meterStartWh,
      timestamp: body.stamp(charge.beganAt),
      ...(charge.reservation !== null && { reservationId: charge.reservation }),
    };
    return { action: 'StartTransaction', payload: { ...payload }, charge: charge.id };
  };

  const stop = (charge: Charge): Letter => {
    const endedAt = charge.endedAt as Date;
    const meterStop = charge.meterStopWh as number;
    const last = meterValue(charge, 'Transaction.End', meterStop, endedAt);
    if (switches.signed) {
      const value = body.signer().sign(body.identity, charge, endedAt, meterStop);
      last.sampledValue.push({ value, format: 'SignedData', context: 'Transaction.End' });
    }
    const payload: Omit<OCPP16.StopTransactionRequest, 'transactionId'> = {
      meterStop,
      timestamp: body.stamp(endedAt),
      reason: reasons[charge.reason as StopReason],
      ...(charge.stopToken !== null && { idTag: charge.stopToken }),
      transactionData: [last],
    };
    return { action: 'StopTransaction', payload: { ...payload }, charge: charge.id };
  };

  const metered = (outlet: Outlet, context: 'Sample.Periodic' | 'Trigger'): Letter | undefined => {
    if (!outlet.charge) return undefined;
    const value = meterValue(outlet.charge, context, outlet.meter.registerWh(), body.now());
    const payload = { connectorId: outlet.number, meterValue: [value] };
    return { action: 'MeterValues', payload, charge: outlet.charge.id };
  };

  const status = (outlet: Outlet | 0): Letter => {
    const payload: OCPP16.StatusNotificationRequest = {
      connectorId: outlet === 0 ? 0 : outlet.number,
      status: outlet === 0 ? 'Available' : statusOf(outlet),
      errorCode: outlet !== 0 && outlet.faulted ? 'GroundFailure' : 'NoError',
      timestamp: body.stamp(),
    };
    return { action: 'StatusNotification', payload: { ...payload } };
  };

  const announce = (outlet: Outlet) => {
    const word = statusOf(outlet);
    if (told.get(outlet.number) === word) return;
    told.set(outlet.number, word);
    body.say(status(outlet));
  };

  const tongue: Tongue = {
    protocol: 'ocpp1.6',
    boot: () => ({
      action: 'BootNotification',
      payload: {
        chargePointVendor: 'Forecourt',
        chargePointModel: 'Demo station',
        chargePointSerialNumber: body.identity.slice(0, 25),
        firmwareVersion: body.firmware(),
      } satisfies OCPP16.BootNotificationRequest,
    }),
    authorize: (idTag) => ({ action: 'Authorize', payload: { idTag } satisfies OCPP16.AuthorizeRequest }),
    authorization(answer) {
      const { status, parentIdTag = null } = (answer as unknown as OCPP16.AuthorizeResponse).idTagInfo;
      return { accepted: status === 'Accepted', group: parentIdTag };
    },

    announce(all) {
      if (all) {
        told.clear();
        body.say(status(0));
      }
      for (const outlet of outlets) announce(outlet);
    },

    happened(outlet, happening) {
      if (happening.what === 'begun') {
        if (!switches.losesStart) body.say(start(happening.charge));
      } else if (happening.what === 'stopped') body.say(stop(happening.charge));
      else if (happening.what === 'metered') {
        const letter = metered(outlet, happening.context);
        if (letter) body.say(letter);
      } else if (happening.what === 'status') announce(outlet);
    },

    seal(letter) {
      if (!letter.charge || letter.action === 'StartTransaction') return letter.payload;
      // Stations whose start was never answered make do with a number that nobody has.
      return { ...letter.payload, transactionId: chargeOf(letter)?.number ?? -1 };
    },

    answered(letter, answer) {
      if (letter.action !== 'StartTransaction') return;
      const charge = chargeOf(letter);
      const { transactionId, idTagInfo } = answer as unknown as OCPP16.StartTransactionResponse;
      if (!charge) return;
      charge.number = transactionId;
      const outlet = outlets[charge.outlet - 1];
      if (idTagInfo.status !== 'Accepted' && outlet?.charge === charge) outlet.stop('DeAuthorized');
    },

    dropped({ action, payload }) {
      if (action === 'StatusNotification') told.delete(payload.connectorId as number);
    },

    answer: (action, payload) => answerFrom(commands, action, payload),
  };
  const commands = understanding(body, { status, metered });
  return tongue;
}

function statusOf({ faulted, operative, charge, plugged, permitted, reservation }: Outlet): OCPP16.Status {
  if (faulted) return 'Faulted';
  if (charge?.flow === 'charging') return 'Charging';
  if (charge?.flow === 'suspendedEV') return 'SuspendedEV';
  if (charge?.flow === 'suspendedEVSE') return 'SuspendedEVSE';
  if (charge && plugged) return 'Finishing';
  if (!operative) return 'Unavailable';
  if (plugged || permitted) return 'Preparing';
  return reservation ? 'Reserved' : 'Available';
}
