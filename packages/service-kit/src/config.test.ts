import { expect, test } from 'vitest';
import { z } from 'zod';
import { commonConfig, developmentOnly, loadConfig } from './config.ts';

const refuse = (explanation: string): never => {
  throw new Error(explanation);
};
const good = {
  PORT: '3003',
  DATABASE_URL: 'postgres://orders:geheim@localhost/forecourt',
  NATS_URL: 'nats://localhost',
};

test('a complete environment is read with its defaults', () => {
  expect(loadConfig(commonConfig, good, refuse)).toMatchObject({
    PORT: 3003,
    NODE_ENV: 'development',
    TOKEN_ISSUER: 'forecourt',
    STREAM_PREFIX: '',
  });
});

test('every bad value is named at once', () => {
  const shape = { ...commonConfig, CURRENCY: z.string().regex(/^[A-Z]{3}$/) };
  const read = () => loadConfig(shape, { PORT: 'http', DATABASE_URL: 'mysql://x', CURRENCY: 'hryvnia' }, refuse);
  expect(read).toThrow(/PORT=http.*[\s\S]*DATABASE_URL: [\s\S]*NATS_URL is missing[\s\S]*CURRENCY=hryvnia/);
});

test('an empty variable is one that is not set', () => {
  expect(() => loadConfig(commonConfig, { ...good, PORT: '' }, refuse)).toThrow('PORT is missing');
  expect(loadConfig(commonConfig, { ...good, LOG_LEVEL: '' }, refuse).LOG_LEVEL).toBe('info');
});

test("a secret's value is never said", () => {
  const shape = { TOKEN_SECRET: z.string().min(32), DATABASE_URL: z.url({ protocol: /^postgres$/ }) };
  const read = () => loadConfig(shape, { TOKEN_SECRET: 'canary', DATABASE_URL: 'mysql://u:canary@h/db' }, refuse);
  expect(read).toThrow(/TOKEN_SECRET/);
  expect(read).not.toThrow(/canary/);
});

test('a development switch stops a production start and no other', () => {
  const shape = { NODE_ENV: commonConfig.NODE_ENV, DEV_MESSAGES: developmentOnly(z.stringbool().default(false)) };
  expect(loadConfig(shape, { DEV_MESSAGES: 'true' }, refuse).DEV_MESSAGES).toBe(true);
  expect(loadConfig(shape, { NODE_ENV: 'production' }, refuse).DEV_MESSAGES).toBe(false);
  expect(() => loadConfig(shape, { NODE_ENV: 'production', DEV_MESSAGES: 'true' }, refuse)).toThrow(
    /DEV_MESSAGES is for/,
  );
});
