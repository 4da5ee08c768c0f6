import { begunEarlier, type Start } from './hearing.ts';
import { nothingHeard } from './opening.ts';
import { fail, type Session } from './session.ts';

/*
 * A transaction whose start was lost is taken for what the station was asked for. When the start comes after all, and names
 * somebody else, the driver's wish came to nothing, and what flowed is theirs whose it is.
 */

/** The wish, without what was taken for it. Its money is free; should the station begin it yet, that is told by its name. */
export const unheard = (wish: Session, now: Date): Session => fail({ ...wish, ...nothingHeard }, now, 'device_busy');

/** Another's session, with all that was heard of the transaction while it was taken for the wish. */
export function handedOver(
  opened: Session,
  { state, protocol, transactionId, startKey, register, meteredAt, energyWh, powerW, chargingState, ...wish }: Session,
  start: Pick<Start, 'at' | 'meterStartWh'>,
): Session {
  const { waiting, startedAt, chargedAt, stoppedAt, unpluggedAt, heardAt, quietUntil } = wish;
  const transaction = {
    state,
    protocol,
    transactionId,
    startKey,
    register,
    meteredAt,
    energyWh,
    powerW,
    chargingState,
  };
  const times = { waiting, startedAt, chargedAt, stoppedAt, unpluggedAt, heardAt, quietUntil };
  return begunEarlier({ ...opened, ...transaction, ...times }, start);
}
