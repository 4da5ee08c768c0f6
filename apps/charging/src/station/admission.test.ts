import { describe, expect, test } from 'vitest';
import { type Credentials, judge, type KnownStation, mayCall } from './admission.ts';
import { hashOf } from './password.ts';

const rules = { secret: 'a secret of tests, which all know', withoutPassword: false };
const old = 'the old password of it';
const next = 'the next password of it';

const aStation = (more: Partial<KnownStation> = {}): KnownStation => ({
  id: 's1',
  status: 'accepted',
  passwordHash: hashOf(rules.secret, 's1', old),
  nextPasswordHash: null,
  ...more,
});
const bringing = (password: string | null, certificateName: string | null = null): Credentials => ({
  identity: 'CP-1',
  password: password === null ? null : Buffer.from(password),
  certificateName,
});
const refused = (reason: string) => ({ kind: 'refused', reason });
const welcome = (status: string, usesNextPassword = false) => ({ kind: 'welcome', status, usesNextPassword });

describe('whether a station may come in', () => {
  test.each([
    ['with its password', aStation(), bringing(old), welcome('accepted')],
    ['with another one', aStation(), bringing(next), refused('wrong_credentials')],
    ['with none', aStation(), bringing(null), refused('wrong_credentials')],
    ['unknown', null, bringing(old), refused('unknown')],
    [
      'pending, with the password that it brought at first',
      aStation({ status: 'pending' }),
      bringing(old),
      welcome('pending'),
    ],
    ['pending, with another', aStation({ status: 'pending' }), bringing(next), refused('wrong_credentials')],
    [
      'pending, when it brought none',
      aStation({ status: 'pending', passwordHash: null }),
      bringing(null),
      welcome('pending'),
    ],
    ['accepted without a password', aStation({ passwordHash: null }), bringing(null), refused('wrong_credentials')],
    [
      'accepted without a password, bringing one',
      aStation({ passwordHash: null }),
      bringing(old),
      refused('wrong_credentials'),
    ],
    ['blocked, with its password', aStation({ status: 'blocked' }), bringing(old), refused('blocked')],
    [
      'blocked, with another: it learns nothing',
      aStation({ status: 'blocked' }),
      bringing(next),
      refused('wrong_credentials'),
    ],
    ['with its certificate', aStation(), bringing(null, 'CP-1'), welcome('accepted')],
    ['with the certificate of another', aStation(), bringing(null, 'CP-2'), refused('wrong_credentials')],
    [
      'with a certificate, when it has no password',
      aStation({ passwordHash: null }),
      bringing(null, 'CP-1'),
      welcome('accepted'),
    ],
  ] as const)('%s', (_name, station, credentials, expected) => {
    expect(judge(station, credentials, rules)).toEqual(expected);
  });

  test('a network that nobody else is in may do without passwords, but where there is one it counts', () => {
    const open = { ...rules, withoutPassword: true };
    expect(judge(aStation({ passwordHash: null }), bringing(null), open)).toEqual(welcome('accepted'));
    expect(judge(aStation(), bringing(null), open)).toEqual(refused('wrong_credentials'));
  });

  test('while a password is changed both are good, and the new one ends the old one', () => {
    const station = aStation({ nextPasswordHash: hashOf(rules.secret, 's1', next) });
    expect(judge(station, bringing(old), rules)).toEqual(welcome('accepted'));
    expect(judge(station, bringing(next), rules)).toEqual(welcome('accepted', true));
    expect(judge(station, bringing('something else'), rules)).toEqual(refused('wrong_credentials'));
  });
});

test('a pending station may say who it is, and nothing that costs anything', () => {
  expect(mayCall('pending', 'BootNotification')).toBe(true);
  for (const action of ['StartTransaction', 'TransactionEvent', 'Authorize', 'MeterValues', 'StatusNotification']) {
    expect(mayCall('pending', action)).toBe(false);
    expect(mayCall('accepted', action)).toBe(true);
  }
});
