import { expect, test } from 'vitest';
import { countryOf, destinationOf, type Reach } from './destination.ts';

const reach: Reach = {
  countries: new Set(['UA', 'MN', 'RU', 'GE', 'KZ', 'UZ', 'GB']),
  costs: new Map([
    ['sms', 5],
    ['voice', 10],
    ['sms:MN', 3],
  ]),
};

test.each([
  ['+380671112233', 'UA', 5, 10],
  ['+97686661488', 'MN', 3, 10],
  ['+79092479999', 'RU', 5, 10],
  ['+995577123456', 'GE', 5, 10],
  ['+77012345678', 'KZ', 5, 10],
  ['+998901234567', 'UZ', 5, 10],
])('a mobile number, %s, can be written to and called', (phone, country, sms, voice) => {
  expect(destinationOf(reach, 'sms', phone)).toEqual({ country, cost: sms });
  expect(destinationOf(reach, 'voice', phone)).toEqual({ country, cost: voice });
});

test('a number of a house can be called, not written to', () => {
  expect(destinationOf(reach, 'voice', '+380442345678')).toEqual({ country: 'UA', cost: 10 });
  expect(() => destinationOf(reach, 'sms', '+380442345678')).toThrow(
    expect.objectContaining({ code: 'phone_not_served' }),
  );
});

test.each([
  ['premium rate', '+380900123456'],
  ['toll free', '+380800123456'],
  ['shared cost', '+448431234567'],
  ['personal', '+447012345678'],
  ['internet', '+445600123456'],
  ['of no country', '+80012345678'],
  ['of a satellite', '+881612345678'],
  ['too short', '+38067111'],
  ['of a country that is not served', '+4915112345678'],
  ['no phone', 'ivan@example.com'],
])('a number that is %s gets nothing, neither by SMS nor by voice', (_, phone) => {
  for (const channel of ['sms', 'voice'] as const) {
    expect(() => destinationOf(reach, channel, phone)).toThrow(expect.objectContaining({ code: 'phone_not_served' }));
  }
});

test('a star serves every country, but no number that costs who calls it', () => {
  const everywhere = { ...reach, countries: new Set(['*']) };
  expect(destinationOf(everywhere, 'sms', '+4915112345678')).toEqual({ country: 'DE', cost: 5 });
  expect(() => destinationOf(everywhere, 'voice', '+380900123456')).toThrow();
});

test('an e-mail address has no country and costs nothing', () => {
  expect(destinationOf(reach, 'email', 'ivan@example.com')).toEqual({ country: null, cost: 0 });
  expect(countryOf('email', 'ivan@example.com')).toBe('none');
  expect(countryOf('voice', '+97686661488')).toBe('MN');
});
