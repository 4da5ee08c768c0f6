import { loadConfig } from '@forecourt/service-kit';
import { expect, test } from 'vitest';
import { codeConfig, codeLimitsOf } from './settings.ts';

const read = (environment: Record<string, string>) => {
  const complaints: string[] = [];
  const config = loadConfig(codeConfig, environment, (explanation) => {
    complaints.push(explanation);
    throw new Error(explanation);
  });
  return codeLimitsOf({ NODE_ENV: 'production', ...config }, 1);
};

test('production has the waits and limits that the documents promise', () => {
  expect(read({})).toEqual({
    cooldownSeconds: [30, 60, 120, 300],
    countries: new Set(['UA', 'MN', 'RU', 'GE', 'KZ', 'UZ']),
    seriesHourly: 30,
    countryHourly: 1000,
    costs: new Map([
      ['sms', 5],
      ['voice', 10],
    ]),
    dailySpend: 100_000,
    addressLimitScale: 1,
  });
});

test('a developer waits a second for the second code, and as everybody for the others', () => {
  const config = loadConfig(codeConfig, {});
  expect(codeLimitsOf({ NODE_ENV: 'development', ...config }, 1000).cooldownSeconds).toEqual([1, 60, 120, 300]);
});

test('lists are read with spaces', () => {
  const limits = read({
    CODE_COOLDOWN_SECONDS: '10, 20',
    CODE_COUNTRIES: 'DE, *',
    CODE_COSTS: 'sms=7, voice:MN=30',
    CODE_DAILY_SPEND: '0',
  });
  expect(limits).toMatchObject({ cooldownSeconds: [10, 20], countries: new Set(['DE', '*']), dailySpend: 0 });
  expect([...limits.costs]).toEqual([
    ['sms', 7],
    ['voice:MN', 30],
  ]);
});

test.each([
  ['CODE_COOLDOWN_SECONDS', '30,,60'],
  ['CODE_COOLDOWN_SECONDS', '0'],
  ['CODE_COUNTRIES', 'Ukraine'],
  ['CODE_COUNTRIES', 'ua'],
  ['CODE_COSTS', 'sms=5.5'],
  ['CODE_COSTS', 'email=1'],
  ['CODE_DAILY_SPEND', '-1'],
  ['CODE_SERIES_HOURLY', '1.5'],
])('%s=%s stops the start', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(name);
});
