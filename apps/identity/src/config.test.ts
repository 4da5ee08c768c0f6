import { loadConfig } from '@forecourt/service-kit';
import { expect, test } from 'vitest';
import { configShape } from './config.ts';

const secret = 's'.repeat(32);

const complaintsOf = (settings: Record<string, string>): string => {
  const refused = new Error('refused');
  let complaints = '';
  try {
    const env = { DATABASE_URL: 'postgres://h/d', NATS_URL: 'nats://h', TOKEN_SECRET: secret, ...settings };
    loadConfig(configShape, env, (explanation) => {
      complaints = explanation;
      throw refused;
    });
  } catch (error) {
    if (error !== refused) throw error;
  }
  return complaints;
};

test.each(['development', 'test', 'production'])('no process of %s starts without a secret for device keys', (mode) => {
  expect(complaintsOf({ NODE_ENV: mode })).toContain('DEVICE_KEY_SECRETS is missing');
  expect(complaintsOf({ NODE_ENV: mode, DEVICE_KEY_SECRETS: `a:${secret}` })).toBe('');
});

test.each([
  ['a:short', 'at least 32 characters'],
  [secret, 'id:secret'],
  [`:${secret}`, 'id:secret'],
  [`a b:${secret}`, 'id:secret'],
  [`a:${secret},`, 'id:secret'],
  [`a:${secret},b:short`, 'at least 32 characters'],
  [`a:${secret},a:${secret}`, 'two secrets have one id'],
])('%s is no secret for device keys, and is not repeated in the complaint', (value, complaint) => {
  const said = complaintsOf({ DEVICE_KEY_SECRETS: value });
  expect(said).toContain(complaint);
  expect(said).not.toContain(value);
});

test.each([
  ['one', `a:${secret}`],
  ['two, the first of which seals', `a:${secret}, b:${secret}`],
  ['one with a colon in it', `a:${secret}:${secret}`],
])('device keys may have %s', (_, value) => {
  expect(complaintsOf({ DEVICE_KEY_SECRETS: value })).toBe('');
});
