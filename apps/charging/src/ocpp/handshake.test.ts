import { expect, test } from 'vitest';
import { identityIn, isStationPath, isWelcomeOrigin, protocolIn } from './handshake.ts';

test.each([
  ['/ocpp/CP-1', 'CP-1'],
  ['/ocpp/CP-1?token=x', 'CP-1'],
  ['/ocpp/RDAM%7C123', 'RDAM|123'],
  ['/ocpp/%D0%A1%D1%82-1', 'Ст-1'],
  ['/ocpp/%E0%A4%A', null],
  ['/ocpp/a%00b', null],
  ['/ocpp/a%2Fb', null],
  ['/ocpp/a%0d%0ab', null],
  [`/ocpp/${'x'.repeat(65)}`, null],
])('%s names %s', (url, identity) => {
  expect(isStationPath(url)).toBe(true);
  expect(identityIn(url)).toBe(identity);
});

test.each([undefined, '', '/', '/ocpp', '/ocpp/', '/ocpp/a/b', '/other/CP-1', '//ocpp/CP-1', 'http://x/ocpp/CP-1'])(
  '%s is no path of a station',
  (url) => {
    expect(isStationPath(url)).toBe(false);
  },
);

test('the version is the first of the station’s own list that we speak', () => {
  expect(protocolIn(['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'])).toBe('ocpp2.0.1');
  expect(protocolIn([' ocpp1.6 ', 'ocpp2.0.1'])).toBe('ocpp1.6');
  expect(protocolIn(['OCPP1.6'])).toBe('ocpp1.6');
  expect(protocolIn(['ocpp1.5', 'mqtt'])).toBeNull();
  expect(protocolIn([])).toBeNull();
});

test('a page of another origin may not open a line; stations say none, or the host that they call', () => {
  const from = (origin: string | undefined, listed: string[] = []) =>
    isWelcomeOrigin({ host: 'csms.example.com', ...(origin !== undefined && { origin }) }, listed);
  expect(from(undefined)).toBe(true);
  expect(from('https://csms.example.com')).toBe(true);
  expect(from('https://sim.example.com', ['https://sim.example.com'])).toBe(true);
  const behind = { host: '10.0.0.1:3004', 'x-forwarded-host': 'csms.example.com', origin: 'https://csms.example.com' };
  expect(isWelcomeOrigin(behind, [])).toBe(true);
  for (const origin of ['https://evil.example', 'https://csms.example.com.evil.example', 'null', '']) {
    expect(from(origin)).toBe(false);
  }
});
