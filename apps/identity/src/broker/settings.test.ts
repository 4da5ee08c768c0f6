import { loadConfig } from '@forecourt/service-kit';
import * as nkeys from '@nats-io/nkeys';
import { describe, expect, test } from 'vitest';
import { brokerConfig, brokerSettingsOf } from './settings.ts';

const seedOf = (pair: nkeys.KeyPair) => Buffer.from(pair.getSeed()).toString();
const whole = {
  BROKER_CALLOUT_URL: 'nats://auth:secret@127.0.0.1:4222',
  BROKER_SYSTEM_URL: 'nats://sys:secret@127.0.0.1:4222',
  BROKER_ISSUER_SEED: seedOf(nkeys.createAccount()),
  BROKER_XKEY_SEED: seedOf(nkeys.createCurve()),
};

function read(settings: Record<string, string>, mode = 'production') {
  const config = loadConfig(brokerConfig, settings, (explanation) => {
    throw new Error(explanation);
  });
  return brokerSettingsOf({ ...config, NODE_ENV: mode });
}

test('all of them are a broker that asks us, none of them is one that does not', () => {
  expect(read({ ...whole, PUSH_SERVERS: 'wss://push.example.com:8443' })).toEqual({
    calloutUrl: whole.BROKER_CALLOUT_URL,
    systemUrl: whole.BROKER_SYSTEM_URL,
    issuerSeed: whole.BROKER_ISSUER_SEED,
    xkeySeed: whole.BROKER_XKEY_SEED,
  });
  expect(read({})).toBeNull();
  for (const name of Object.keys(whole)) {
    expect(() => read({ ...whole, [name]: '' })).toThrow('go together');
  }
});

describe('a seed', () => {
  const mistyped = (seed: string) => `${seed.slice(0, 20)}${seed[20] === 'A' ? 'B' : 'A'}${seed.slice(21)}`;
  test.each([
    ['BROKER_ISSUER_SEED', seedOf(nkeys.createUser())],
    ['BROKER_ISSUER_SEED', whole.BROKER_XKEY_SEED],
    ['BROKER_ISSUER_SEED', nkeys.createAccount().getPublicKey()],
    ['BROKER_ISSUER_SEED', mistyped(whole.BROKER_ISSUER_SEED)],
    ['BROKER_XKEY_SEED', whole.BROKER_ISSUER_SEED],
    ['BROKER_XKEY_SEED', mistyped(whole.BROKER_XKEY_SEED)],
  ])('of another kind, or mistyped, is not taken for %s, and not repeated in the complaint', (name, value) => {
    const reading = () => read({ ...whole, [name]: value });
    expect(reading).toThrow(`${name}: is not a seed`);
    expect(reading).not.toThrow(value);
  });
});

describe('where apps connect to', () => {
  test.each(['wss://a.example.com:8443', 'a.example.com:8443', 'tls://10.0.0.1:4222,wss://[::1]:8443'])(
    'may be %s in production',
    (servers) => {
      expect(read({ ...whole, PUSH_SERVERS: servers })).not.toBeNull();
    },
  );

  test.each(['ws://a.example.com:8443', 'wss://a.example.com,nats://a.example.com', ''])(
    'may not be %j in production, where passwords would go in clear',
    (servers) => {
      expect(() => read({ ...whole, PUSH_SERVERS: servers })).toThrow('PUSH_SERVERS must be wss://');
      expect(read({ ...whole, PUSH_SERVERS: servers }, 'development')).not.toBeNull();
    },
  );

  test.each(['http://a.example.com', 'wss://u:p@a.example.com', 'a b', 'wss://a/path', 'wss://a,'])(
    'is not %j',
    (servers) => {
      expect(() => read({ PUSH_SERVERS: servers })).toThrow('is not like');
    },
  );
});
