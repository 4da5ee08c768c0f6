import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { bringsItsBank, openBank } from './bank.ts';
import { freePorts } from './port.ts';
import { readSecrets } from './secrets.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

let directory: string;
let supervisor: Supervisor;
const said: string[] = [];
beforeEach(async () => {
  said.length = 0;
  directory = await mkdtemp(join(tmpdir(), 'forecourt-bank-'));
  supervisor = createSupervisor({ say: (name, text) => said.push(`${name}: ${text}`), patience: { firstMs: 1 } });
});
afterEach(async () => {
  await supervisor.stop([['qpay-sandbox']]);
  supervisor.dismiss();
  await rm(directory, { recursive: true });
});

test('payments is told where the sandbox is, whose word it takes, and both remember it through a kill', async () => {
  const [port] = (await freePorts(1)) as [number];
  const secrets = await readSecrets(directory);
  const bank = openBank({ port, directory, secrets, supervisor, environment: { CURRENCY: 'MNT' } });
  await bank.ready();
  const { QPAY_URL: url, QPAY_USERNAME: name, QPAY_PASSWORD: password, QPAY_INVOICE_CODE } = bank.settings;
  expect(bank.settings).toMatchObject({ PAYMENT_PROVIDER: 'qpay', QPAY_URL: `http://127.0.0.1:${port}/v2` });

  const ask = async (path: string, authorization: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method: body || path === '/auth/token' ? 'POST' : 'GET',
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    });
    return (await response.json()) as Record<string, string>;
  };
  const signIn = async () => {
    const { access_token: token } = await ask('/auth/token', `Basic ${btoa(`${name}:${password}`)}`);
    return `Bearer ${token}`;
  };
  const { invoice_id: id } = await ask('/invoice', await signIn(), {
    invoice_code: QPAY_INVOICE_CODE,
    sender_invoice_no: 'F-1',
    invoice_receiver_code: 'terminal',
    invoice_description: 'd',
    amount: 1,
    callback_url: 'http://127.0.0.1:1/',
  });
  supervisor.programs[0]?.kill('SIGKILL');
  await vi.waitFor(() => expect(said).toContain('qpay-sandbox: ended (SIGKILL); starting it again'));
  await bank.ready();
  expect(await ask(`/invoice/${id}`, await signIn())).toMatchObject({ sender_invoice_no: 'F-1' });
});

test.each([
  [{}, true],
  [{ PAYMENT_PROVIDER: '' }, true],
  [{ PAYMENT_PROVIDER: 'qpay' }, false],
  [{ NODE_ENV: 'production' }, false],
])('with %j in the environment it runs: %s', async (environment, runs) => {
  expect(bringsItsBank(environment)).toBe(runs);
  if (runs) return;
  const bank = openBank({ port: 1, directory, secrets: await readSecrets(directory), supervisor, environment });
  await bank.ready();
  expect(bank).toMatchObject({ origin: undefined, settings: {} });
  expect(supervisor.programs).toEqual([]);
});
