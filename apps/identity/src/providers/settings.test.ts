import { readFile } from 'node:fs/promises';
import { loadConfig } from '@forecourt/service-kit';
import { describe, expect, test } from 'vitest';
import { deviceKeySecret, startIdentity, tokenSecret } from '../../test/identity.ts';
import { configShape } from '../config.ts';

const canary = 'canary-of-a-secret';
const http = {
  kind: 'http',
  name: 'magti',
  channels: ['sms'],
  url: `https://sms.example/send?password=${canary}`,
  headers: { authorization: canary },
  body: { to: '{{to}}', text: '{{text}}', password: canary },
};
const accountSid = `AC${'0'.repeat(32)}`;
const twilio = { kind: 'twilio', channels: ['sms', 'voice'], accountSid, authToken: canary, from: '+15005550006' };

const environment = (value: string) => ({
  DATABASE_URL: 'postgres://h/d',
  NATS_URL: 'nats://h',
  TOKEN_SECRET: tokenSecret,
  DEVICE_KEY_SECRETS: `test:${deviceKeySecret}`,
  MESSAGE_PROVIDERS: value,
});
const complaintsOf = (value: string): string => {
  const refused = new Error('refused');
  let complaints = '';
  try {
    loadConfig(configShape, environment(value), (explanation) => {
      complaints = explanation;
      throw refused;
    });
  } catch (error) {
    if (error !== refused) throw error;
  }
  return complaints;
};

test('the example of the README is taken as it is', async () => {
  const readme = await readFile(`${import.meta.dirname}/../../README.md`, 'utf8');
  const example = /```json\n(.*?)```/s.exec(readme)?.[1] ?? '';
  expect(example).toContain('{{toNational}}');
  expect(complaintsOf(example.replace('AC…', accountSid).replaceAll('…', 'x'))).toBe('');
});

test('both kinds are taken as they are, and none is needed', () => {
  expect(complaintsOf(JSON.stringify([http, twilio]))).toBe('');
  expect(loadConfig(configShape, environment('')).MESSAGE_PROVIDERS).toEqual([]);
});

test.each<[string, unknown, string]>([
  ['no JSON', `[{"password":"${canary}"`, 'is no JSON'],
  ['no list', http, 'expected array'],
  ['an unknown kind', [{ ...http, kind: canary }], '[0].kind: '],
  ['an unknown setting', [{ ...http, colour: canary }], '[0]: Unrecognized key: "colour"'],
  ['two of one name', [http, http], 'two providers have one name'],
  ['a name that is taken', [{ ...http, name: 'smtp' }], 'a name is taken'],
  ['a name with spaces', [{ ...http, name: canary.toUpperCase() }], '[0].name: is no name'],
  ['no channel', [{ ...http, channels: [] }], '[0].channels'],
  ['another channel', [{ ...http, channels: [canary] }], '[0].channels[0]'],
  ['no address', [{ ...http, url: canary }], '[0].url'],
  ['an address of files', [{ ...http, url: `file:///${canary}` }], '[0].url'],
  ['a password in the address', [{ ...http, url: `https://user:${canary}@sms.example` }], 'holds no user'],
  ['a header of two lines', [{ ...http, headers: { a: `b\n${canary}` } }], '[0].headers.a: is not ASCII'],
  ['a name that is no header', [{ ...http, headers: { 'a b': canary } }], '[0].headers.a b: Invalid key'],
  ['a text in a header', [{ ...http, headers: { a: '{{text}}' } }], '[0].headers: may only hold {{id}}'],
  ['no text', [{ ...http, body: { to: '{{to}}' } }], 'the {{text}} is nowhere'],
  ['no number', [{ ...http, body: { text: '{{text}}' } }], 'the number, such as {{to}}, is nowhere'],
  ['a typo', [{ ...http, body: { ...http.body, x: '{{phone}}' } }], '{{phone}} is none of to, toDigits'],
  ['no sender for {{from}}', [{ ...http, body: { ...http.body, x: '{{from}}' } }], '[0].from: is missing'],
  ['a body with GET', [{ ...http, method: 'GET' }], 'does not go with GET'],
  ['a deep form', [{ ...http, format: 'form', body: { ...http.body, x: [canary] } }], 'an object of texts'],
  ['no JSON pointer', [{ ...http, answer: { verdictAt: canary, taken: [1] } }], 'is no JSON pointer'],
  ['a verdict that is never good', [{ ...http, answer: { verdictAt: '/a' } }], 'needs taken'],
  ['a verdict that is nowhere', [{ ...http, answer: { taken: [canary] } }], 'needs verdictAt or pattern'],
  ['two ways to a verdict', [{ ...http, answer: { verdictAt: '/a', pattern: '(?<verdict>.)', taken: [1] } }], 'either'],
  ['a broken pattern', [{ ...http, answer: { pattern: `(${canary}`, taken: [1] } }], 'is no regular expression'],
  ['a pattern without a verdict', [{ ...http, answer: { pattern: canary, taken: [1] } }], 'needs a group (?<verdict>'],
  ['too much patience', [{ ...http, timeoutSeconds: 31 }], '[0].timeoutSeconds'],
  ['no account', [{ ...twilio, accountSid: canary }], '[0].accountSid: is not like AC'],
  ['no token', [{ ...twilio, authToken: undefined }], '[0].authToken: is needed'],
  ['a token and a key', [{ ...twilio, apiKeySid: `SK${'0'.repeat(32)}`, apiKeySecret: canary }], '[0].authToken'],
  ['no sender', [{ ...twilio, channels: ['sms'], from: undefined }], '[0].from: is missing'],
  ['a caller without a number', [{ ...twilio, from: 'Shop' }], '[0].from: must be a phone, for voice'],
  ['a voice for no language', [{ ...twilio, voices: { xx: { language: canary } } }], '[0].voices'],
])('%s is refused with its place, and without any value', (_, value, complaint) => {
  const said = complaintsOf(typeof value === 'string' ? value : JSON.stringify(value));
  expect(said).toContain('MESSAGE_PROVIDERS: ');
  expect(said).toContain(complaint);
  expect(said.toLowerCase()).not.toContain(canary);
});

describe('who sends what', () => {
  const namesOf = async (settings: Record<string, string>) => {
    const identity = await startIdentity(settings);
    const { providers, breakers } = identity.deps;
    const names = Object.fromEntries(
      Object.entries(providers).map(([channel, all]) => [channel, all.map(({ name }) => name)]),
    );
    expect(
      Object.values(providers)
        .flat()
        .every((provider) => breakers.has(provider)),
    ).toBe(true);
    const metrics = await identity.runtime.metrics.registry.metrics();
    await identity.close();
    return { names, metrics };
  };

  test('is the development outbox, where nobody else does', async () => {
    expect((await namesOf({})).names).toEqual({ email: ['development'], sms: ['development'], voice: ['development'] });
    const { names } = await namesOf({ MESSAGE_PROVIDERS: JSON.stringify([http]) });
    expect(names).toEqual({ email: ['development'], sms: ['magti'], voice: ['development'] });
  });

  test('is as configured and in that order, and nobody besides in production', async () => {
    const { names, metrics } = await namesOf({
      NODE_ENV: 'production',
      SMTP_URL: 'smtp://127.0.0.1:1',
      MESSAGE_PROVIDERS: JSON.stringify([{ ...twilio, channels: ['sms'] }, http]),
    });
    expect(names).toEqual({ email: ['smtp'], sms: ['twilio', 'magti'], voice: [] });
    for (const provider of ['smtp', 'twilio', 'magti']) {
      expect(metrics).toMatch(new RegExp(`identity_message_provider_down\\{[^}]*provider="${provider}"[^}]*\\} 0`));
    }
  });
});
