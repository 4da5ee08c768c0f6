import { describe, expect, test } from 'vitest';
import { afterNoon, aRunningSession, aSession, atMinute, noon } from '../../test/sessions.ts';
import type { MeterReading } from '../energy/readings.ts';
import { waitedBy } from '../waiting/waiting.ts';
import { begunEarlier, metered, type Stated, stated, stopped } from './hearing.ts';
import { askToStop, billedWaitingSec, durationSec, fail, finish, identified, priced, type Session } from './session.ts';

const reading = (minute: number, wh: bigint, powerW: number | null = null): MeterReading => ({
  at: afterNoon(minute),
  registerWh: wh,
  powerW,
  raw: null,
});
const read = (session: Session, minute: number, wh: bigint) =>
  metered(session, { readings: [reading(minute, wh)], receivedAt: afterNoon(minute), late: false });
const say = (session: Session, word: Stated['word'], minute: number) => stated(session, { word, ...atMinute(minute) });
const stop = (session: Session, minute: number, wh: bigint | null, reason = 'Local') =>
  stopped(session, { ...atMinute(minute), meterStopWh: wh, readings: [], late: false, reason });

/** An hour of charging, 10 kWh, the cable out a quarter of an hour later. */
const whole = () => {
  const charged = read(say(aRunningSession(), 'Charging', 0), 60, 11_000n);
  return say(stop(charged, 60, 11_000n), 'Available', 75);
};

test('a session is billed for what flowed, and for the minutes after the grace in which the cable stayed in', () => {
  const over = priced(whole(), afterNoon(600));
  expect(over).toMatchObject({ state: 'finished', energyWh: 10_000n, amount: 7_000n + 10n * 100n, reason: 'Local' });
  expect(billedWaitingSec(over, afterNoon(600))).toBe(600);
  expect(durationSec(over, afterNoon(600))).toBe(3_600);
  expect(over.endedAt).toEqual(afterNoon(75));
});

describe('waiting', () => {
  const charging = () => read(say(aRunningSession(), 'Charging', 0), 10, 2_000n);

  test.each<[Stated['word'], boolean]>([
    ['SuspendedEV', true],
    ['Finishing', true],
    ['EVConnected', true],
    ['SuspendedEVSE', false],
    ['Faulted', false],
    ['Unavailable', false],
    ['Charging', false],
    ['Preparing', false],
    ['Reserved', false],
    ['Occupied', false],
  ])('of a car that has charged, %s is the driver’s: %s', (word, waits) => {
    const said = say(charging(), word, 10);
    expect(said.state).toBe(waits ? 'waiting' : 'charging');
    expect(waitedBy(said.waiting, afterNoon(20))).toBe(waits ? 600 : 0);
  });

  test('a cable that is in before anything has flowed is not waited for', () => {
    expect(say(aRunningSession(), 'EVConnected', 1).state).toBe('charging');
  });

  test.each<Stated['word']>(['SuspendedEVSE', 'Faulted', 'Unavailable'])(
    '%s ends it: what is ours is never paid for',
    (word) => {
      const said = say(say(charging(), 'SuspendedEV', 10), word, 20);
      expect(waitedBy(said.waiting, afterNoon(60))).toBe(600);
      expect(waitedBy(say(said, 'SuspendedEV', 30).waiting, afterNoon(40))).toBe(1_200);
    },
  );

  test.each<Stated['word']>(['SuspendedEV', 'SuspendedEVSE', 'Finishing', 'Faulted'])('in %s nothing flows', (word) => {
    expect(say({ ...charging(), powerW: 22_000 }, word, 10).powerW).toBe(0);
  });

  test('a car that goes on charging waits no more, and may wait again', () => {
    const again = say(say(charging(), 'SuspendedEV', 10), 'Charging', 20);
    expect(again).toMatchObject({ state: 'charging', chargedAt: null, waiting: { waitedSec: 600, since: null } });
    expect(durationSec(again, afterNoon(30))).toBe(1_800);
    expect(waitedBy(say(again, 'SuspendedEV', 40).waiting, afterNoon(50))).toBe(1_200);
  });

  test('what a station says of the time before the session is not about it', () => {
    const session = charging();
    expect(say(session, 'SuspendedEV', -5)).toBe(session);
  });
});

describe('the end', () => {
  const charging = () => read(say(aRunningSession(), 'Charging', 0), 10, 2_000n);

  test('with the cable in, a stopped session waits until the cable is out', () => {
    const stoppedOne = stop(charging(), 20, 3_000n);
    expect(stoppedOne).toMatchObject({ state: 'waiting', energyWh: 2_000n, stoppedAt: afterNoon(20) });
    expect(say(stoppedOne, 'Preparing', 25).state).toBe('waiting');
    expect(say(stoppedOne, 'Charging', 25).state).toBe('waiting');
    expect(say(stoppedOne, 'Available', 30)).toMatchObject({ state: 'finished', unpluggedAt: afterNoon(30) });
  });

  test('a cable that is pulled ends all at once', () => {
    expect(stop(charging(), 20, 3_000n, 'EVDisconnected')).toMatchObject({ state: 'finished', energyWh: 2_000n });
  });

  test('a cable that was out before the stop was told is waited for no longer than it was in', () => {
    const out = say(say(charging(), 'SuspendedEV', 12), 'Available', 30);
    expect(out).toMatchObject({ state: 'waiting', unpluggedAt: afterNoon(30) });
    const over = stop(out, 31, 3_000n);
    expect(over).toMatchObject({ state: 'finished', energyWh: 2_000n });
    expect(waitedBy(over.waiting, afterNoon(99))).toBe(18 * 60);
  });

  test.each(['PowerLoss', 'EmergencyStop', 'HardReset', 'GroundFault'])(
    'after %s nobody waits until the station says so',
    (reason) => {
      const cut = stop(charging(), 20, 3_000n, reason);
      expect(waitedBy(cut.waiting, afterNoon(60))).toBe(0);
      expect(waitedBy(say(cut, 'Finishing', 60).waiting, afterNoon(70))).toBe(600);
    },
  );

  test('a second stop, later meter values and later words change nothing', () => {
    const over = whole();
    expect(stop(over, 99, 99_000n)).toBe(over);
    expect(read(over, 99, 99_000n)).toBe(over);
    expect(say(over, 'Charging', 99)).toBe(over);
  });

  test('a stop below what the meter has shown bills what it has shown, and is looked at', () => {
    const over = stop(charging(), 20, 10n);
    expect(over).toMatchObject({ energyWh: 1_000n, flag: 'meter_fell' });
  });

  test('a stop without a register bills the last one that was read', () => {
    expect(stop(charging(), 20, null)).toMatchObject({ energyWh: 1_000n, flag: null });
  });

  test('a stop by a clock that is behind the start ends at the start', () => {
    expect(stop(charging(), -500, 3_000n).stoppedAt).toEqual(noon);
  });

  test('what was cut off when it was settled ends when its station says, and not before', () => {
    const cutOff = finish(aRunningSession(), afterNoon(1));
    expect(stop(cutOff, 7, 2_000n)).toMatchObject({
      chargedAt: afterNoon(7),
      stoppedAt: afterNoon(7),
      endedAt: afterNoon(7),
    });
    const waited = finish(
      stated(read(aRunningSession(), 1, 1_500n), { word: 'SuspendedEV', ...atMinute(2) }),
      afterNoon(5),
    );
    expect(stop(waited, 7, 1_500n)).toMatchObject({ chargedAt: afterNoon(2), endedAt: afterNoon(7) });
    expect(stop(waited, 4, 1_500n)).toMatchObject({
      chargedAt: afterNoon(2),
      stoppedAt: afterNoon(4),
      endedAt: afterNoon(5),
    });
  });

  test('an end of what nobody pays for, and where nothing was plugged in, leaves nothing behind', () => {
    const nobodys = aRunningSession({ origin: 'found', customerId: null });
    expect(stop(nobodys, 1, 1_000n)).toMatchObject({ state: 'finished', energyWh: 0n });
    expect(stop(read(nobodys, 1, 1_500n), 2, 1_500n).state).toBe('waiting');
    expect(stop(aRunningSession(), 1, 1_000n).state).toBe('waiting');
  });

  test('what was settled without the station is put right by its own numbers, and stays over', () => {
    const settled = priced(finish(charging(), afterNoon(30), 'silent'), afterNoon(30));
    expect(settled.amount).toBe(700n);
    const told = priced(stop(settled, 25, 5_000n), afterNoon(300));
    expect(told).toMatchObject({ state: 'finished', energyWh: 4_000n, amount: 2_800n, flag: 'silent' });
    expect(stop(told, 26, 9_000n)).toBe(told);
  });

  test('a transaction that nobody ever plugged in for is over when it times out', () => {
    expect(stop(aRunningSession(), 2, 1_000n, 'Timeout')).toMatchObject({ state: 'finished', energyWh: 0n });
  });

  test('a session that began before the cable was in is not over because it is not in yet', () => {
    const waiting = say(say(aRunningSession(), 'Idle', 1), 'Available', 2);
    expect(waiting).toMatchObject({ state: 'charging', unpluggedAt: null });
    expect(say(say(waiting, 'Charging', 3), 'Available', 9).unpluggedAt).toEqual(afterNoon(9));
  });
});

describe('meter values', () => {
  test('out of order, twice and of another time all come to the same energy', () => {
    const readings = [reading(30, 6_000n), reading(10, 2_000n), reading(20, 4_000n), reading(20, 4_000n)];
    const session = metered(aRunningSession(), { readings: readings, receivedAt: afterNoon(30), late: false });
    expect(session).toMatchObject({ energyWh: 5_000n, meteredAt: afterNoon(30), flag: null });
    expect(read(session, 15, 3_000n)).toMatchObject({ energyWh: 5_000n, meteredAt: afterNoon(30) });
  });

  test('without power, it is the average since the last', () => {
    const session = metered(aRunningSession(), {
      readings: [reading(1, 1_120n)],
      receivedAt: afterNoon(1),
      late: false,
    });
    expect(session).toMatchObject({ powerW: 7_200 });
    expect(
      metered(session, { readings: [reading(2, 1_140n, 11_000)], receivedAt: afterNoon(2), late: false }).powerW,
    ).toBe(11_000);
  });

  test('a clock that goes back does not stop the meter', () => {
    const ahead = metered(aRunningSession(), {
      readings: [reading(60, 2_000n)],
      receivedAt: afterNoon(1),
      late: false,
    });
    const back = metered(ahead, { readings: [reading(2, 3_000n)], receivedAt: afterNoon(2), late: false });
    expect(back.energyWh).toBe(2_000n);
  });

  test('the first that is read is where a session begins whose start named none', () => {
    const nameless = aRunningSession({ register: aSession().register, meteredAt: null });
    expect(read(read(nameless, 1, 5_000n), 2, 5_400n).energyWh).toBe(400n);
  });

  test('a session that has not begun, or came to nothing, has no meter', () => {
    const sessions = [aSession(), fail(aRunningSession(), noon, 'canceled')];
    for (const session of sessions) expect(read(session, 1, 9_000n)).toBe(session);
  });
});

test('a start that is told after what followed it counts from its own register and time', () => {
  const found = read(
    aRunningSession({ register: aSession().register, meteredAt: null, startedAt: afterNoon(10) }),
    11,
    5_000n,
  );
  const known = begunEarlier(found, { at: noon, meterStartWh: 4_000n });
  expect(known).toMatchObject({ startedAt: noon, energyWh: 1_000n });
  expect(begunEarlier(known, { at: noon, meterStartWh: 4_000n })).toMatchObject({ startedAt: noon, energyWh: 1_000n });
});

test('whose it is may turn out later: with their price, without the suspicion and the stop that came of it', () => {
  const found = askToStop(
    priced({ ...read(aRunningSession(), 60, 11_000n), customerId: null, origin: 'found', flag: 'unknown_payer' }, noon),
    noon,
    'unknown_payer',
  );
  const known = identified(found, { origin: 'card', customerId: 'c', idToken: 'card', prices: undefined });
  expect(priced(known, noon)).toMatchObject({
    origin: 'card',
    customerId: 'c',
    idToken: 'CARD',
    amount: 7_000n,
    flag: null,
    stopAskedAt: null,
    reason: null,
  });
  const wished = identified(found, {
    origin: 'app',
    customerId: 'c',
    idToken: null,
    prices: { price: 100n, waitingPrice: 0n },
  });
  expect(priced(wished, noon)).toMatchObject({ amount: 1_000n, idToken: 'FC01' });
});

test('what it costs never falls, whatever is learnt', () => {
  const dear = priced(whole(), afterNoon(75));
  expect(priced({ ...dear, energyWh: 0n }, afterNoon(75)).amount).toBe(dear.amount);
});

test('the first wish to stop is the reason, and what came to nothing costs nothing', () => {
  const asked = askToStop(askToStop(aRunningSession(), noon, 'driver'), afterNoon(5), 'money_used');
  expect(asked).toMatchObject({ stopAskedAt: noon, reason: 'driver' });
  expect(fail({ ...asked, amount: 900n }, noon, 'canceled')).toMatchObject({ state: 'failed', amount: 0n });
});
