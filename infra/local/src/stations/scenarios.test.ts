import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { forgive, meet } from '../../test/meeting.ts';
import type { Version } from './official.ts';
import { type Scenario, scenarios, switchesOf } from './scenarios.ts';
import type { Switches } from './switches.ts';

const versions: Version[] = ['1.6', '2.0.1'];
const hurry = 100;

/** A scenario a hundred times as fast. */
function hurried(scenario: Scenario): Partial<Switches> {
  const { plugInAfterMs, connectionTimeOutMs, incidents = [] } = switchesOf(scenario);
  return {
    ...(plugInAfterMs != null && { plugInAfterMs: plugInAfterMs / hurry }),
    ...(connectionTimeOutMs !== undefined && { connectionTimeOutMs: connectionTimeOutMs / hurry }),
    incidents: incidents.map(({ afterMs, what }) => ({ afterMs: afterMs / hurry, what })),
    meterEveryMs: 10,
    powerW: 1_000_000,
  };
}

const neverBegin: Scenario[] = ['never-plugs-in', 'refuses', 'silent'];

describe.each(versions)('over OCPP %s', (version) => {
  test.each(Object.keys(scenarios) as Scenario[])('what happens in "%s" is all told, and adds up', async (scenario) => {
    const meeting = await meet(version, { scenario, now: () => new Date(), switches: hurried(scenario) });
    const { station, csms } = meeting;
    const answer = meeting.start();
    if (neverBegin.includes(scenario)) {
      if (scenario !== 'silent') await answer;
      await until(() => !station.outlet().permitted);
      await station.settled();
      expect(station.charges).toEqual([]);
      return;
    }
    await answer;
    await until(() => station.charges.length > 0 && meeting.told().length >= 3);
    const last = scenarios[scenario] as { incidents?: readonly { afterMs: number }[] };
    const lastMs = Math.max(0, ...(last.incidents ?? []).map(({ afterMs }) => afterMs / hurry));
    await until(() => Date.now() - meeting.charge().beganAt.getTime() > lastMs + 50);
    // Whoever has no number for it cannot end it from afar.
    const isNameless = scenario === 'start-lost' && version === '1.6';
    // On a busy machine the last incident may yet come, and take the line, or the charge, from under our feet.
    await until(async () => {
      await station.settled();
      if (meeting.charge().flow !== 'stopped' && !isNameless) await meeting.stop();
      return true;
    });
    station.outlet().unplug();
    await station.settled();
    const { id, number, energyWh, meterStartWh, meterStopWh } = meeting.charge();
    const known = csms.transactions.get(isNameless ? '-1' : number === null ? id : String(number));
    expect(csms.transactions.size).toBe(1);
    expect(energyWh).toBeGreaterThan(0);
    expect(known?.stopWh).toBe(scenario === 'in-kwh' && version === '2.0.1' ? (meterStopWh ?? 0) / 1000 : meterStopWh);
    const shown = (meterStopWh ?? 0) - meterStartWh;
    if (scenario === 'meter-reset') expect(shown).toBeLessThan(0);
    else expect(shown < 0 ? shown + (station.switches.rollsOverAtWh ?? 0) : shown).toBe(energyWh);
    expect(forgive(meeting)).toEqual([]);
  });
});
