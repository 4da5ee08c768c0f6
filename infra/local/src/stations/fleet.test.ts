import { expect, test } from 'vitest';
import { brokenOutlet, fleetOf, readScenarios } from './fleet.ts';

const url = 'ws://127.0.0.1:3000/ocpp';
const fleet = fleetOf({ url, secret: 'a secret of the demo', now: new Date('2026-06-01T00:00:00Z') });

test('the demo has thirty devices, on stations of both versions', () => {
  expect(fleet.reduce((sum, { connectors = 0 }) => sum + connectors, 0)).toBe(30);
  expect([...new Set(fleet.map(({ version }) => version))].sort()).toEqual(['1.6', '2.0.1']);
  expect(fleet.map(({ identity }) => identity)).toContain(brokenOutlet.identity);
});

test('every station has a password of its own, which the secret decides', () => {
  const passwords = fleet.map(({ password }) => password);
  expect(new Set(passwords).size).toBe(fleet.length);
  expect(passwords.every((password) => /^[0-9a-f]{40}$/.test(password ?? ''))).toBe(true);
  const others = fleetOf({ url, secret: 'another secret' });
  expect(others.map(({ password }) => password)).not.toEqual(passwords);
});

test('meters go on where they may have been, and fit into what OCPP 1.6 has for them', () => {
  const later = fleetOf({ url, secret: 's', now: new Date('2030-01-01T00:00:00Z') });
  expect(later[0]?.meterWh).toBeGreaterThan(fleet[0]?.meterWh ?? 0);
  expect(later[0]?.meterWh).toBeLessThan(2 ** 31 - 1);
});

test('a difficult station is what its scenario says, and otherwise like the others', () => {
  const difficult = new Map([['UB-AC-02', 'never-plugs-in']] as const);
  const [normal, late] = fleetOf({ url, secret: 's', difficult });
  expect(normal?.switches).toMatchObject({ plugInAfterMs: 1_500, meterEveryMs: 1_000 });
  expect(late?.switches).toMatchObject({ plugInAfterMs: null, meterEveryMs: 1_000 });
});

test('stations can be made difficult by name, and only in ways that there are', () => {
  expect([...readScenarios('UB-AC-01=suspended, UB-DC-02 = offline,')]).toEqual([
    ['UB-AC-01', 'suspended'],
    ['UB-DC-02', 'offline'],
  ]);
  expect(readScenarios('').size).toBe(0);
  expect(() => readScenarios('UB-AC-01=toString')).toThrow(
    /^STATION_SCENARIOS: "UB-AC-01=toString" has none of normal/,
  );
});
