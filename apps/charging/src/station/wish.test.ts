import { expect, test } from 'vitest';
import { z } from 'zod';
import { answerWithoutSecrets, frameWithoutSecrets, Wish, withoutSecrets } from './wish.ts';

const password = 'correct "horse" battery';

test('a password that a station is given is in no record of it', () => {
  const wish: Wish = { action: 'setConfiguration', key: 'AuthorizationKey', value: password };
  expect(JSON.stringify(withoutSecrets(wish))).not.toContain('horse');
  const other: Wish = { action: 'setConfiguration', key: 'HeartbeatInterval', value: '60' };
  expect(withoutSecrets(other)).toEqual(other);
});

test.each([
  JSON.stringify([2, '1', 'ChangeConfiguration', { key: 'AuthorizationKey', value: password }]),
  JSON.stringify([2, '1', 'ChangeConfiguration', { value: password, key: 'authorizationKey' }]),
  JSON.stringify([3, '1', { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: password }] }]),
  JSON.stringify([
    2,
    '1',
    'SetVariables',
    { setVariableData: [{ attributeValue: password, variable: { name: 'BasicAuthPassword' } }] },
  ]),
  '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"correct horse',
  `[2,"1","ChangeConfiguration",{"key":"AuthorizationKey" , "value" : ${JSON.stringify(password)}}]`,
])('nor in the log of frames: %s', (frame) => {
  expect(frameWithoutSecrets(frame)).not.toContain('horse');
  expect(frameWithoutSecrets(frame)).toContain('[secret]');
});

test.each([
  { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: password }], unknownKey: [] },
  {
    getVariableResult: [
      { attributeValue: password, variable: { name: 'BasicAuthPassword' }, component: { name: 'SecurityCtrlr' } },
    ],
  },
])('nor in what operators read of its configuration', (answer) => {
  expect(JSON.stringify(answerWithoutSecrets(answer))).not.toContain('horse');
});

test('the rest of its configuration is as it told it', () => {
  const answer = { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '60' }, { key: 'X' }], n: 1 };
  expect(answerWithoutSecrets(answer)).toEqual(answer);
  expect(answerWithoutSecrets(null)).toBeNull();
});

test('other frames are kept as they were', () => {
  const frame = JSON.stringify([2, '1', 'ChangeConfiguration', { key: 'HeartbeatInterval', value: '60' }]);
  expect(frameWithoutSecrets(frame)).toBe(frame);
});

test('a wish comes out of the broker as it went in, and nothing else does', () => {
  const wishes: Wish[] = [
    { action: 'remoteStart', connector: 1, idToken: 'T', remoteStartId: 7, limitW: 11_000 },
    { action: 'reserve', connector: 2, number: 3, idToken: 'T', expiresAt: new Date('2026-01-01T00:00:00.000Z') },
    { action: 'setPowerLimit', connector: 0, watts: null },
    { action: 'updateFirmware', url: 'https://example.com/f.bin', at: new Date('2026-01-01T00:00:00.000Z') },
  ];
  for (const wish of wishes) expect(Wish.parse(JSON.parse(JSON.stringify(z.encode(Wish, wish))))).toEqual(wish);
  for (const wrong of [
    { action: 'remoteStart', connector: 0, idToken: 'T', remoteStartId: 7 },
    { action: 'remoteStart', connector: 1, idToken: 'T', remoteStartId: 7, more: 1 },
    { action: 'updateFirmware', url: 'file:///etc/passwd', at: '2026-01-01T00:00:00.000Z' },
    { action: 'selfDestruct' },
  ]) {
    expect(Wish.safeParse(wrong).success).toBe(false);
  }
});
