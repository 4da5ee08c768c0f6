import { toE164 } from '@forecourt/dialects';
import { afterEach, describe, expect, test } from 'vitest';
import { anotherProcess, aPhone, aSentCode, askForCode, codeTo, enter, refusalOf } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { type NewCode, resendCode } from './service.ts';

const address = '203.0.113.7';
const seconds = (n: number) => n * 1000;
const minutes = (n: number) => seconds(n * 60);
const hours = (n: number) => minutes(n * 60);

let identity: TestIdentity;
afterEach(() => identity.close());
const start = async (settings: Record<string, string> = {}) => {
  identity = await startIdentity({
    CODE_COOLDOWN_SECONDS: '30,60,120,300',
    CODE_SERIES_HOURLY: '30',
    CODE_COUNTRY_HOURLY: '1000',
    CODE_DAILY_SPEND: '100000',
    ADDRESS_LIMIT_SCALE: '1',
    ...settings,
  });
};

const ask = (wishes: Partial<NewCode> = {}) => askForCode(identity, wishes);
const turn = (milliseconds: number) => identity.runtime.clock.advance(milliseconds);
/** From a network that nobody else asks from. */
let networks = 0;
const elsewhere = () => {
  networks += 1;
  return `198.51.${networks >> 8}.${networks & 255}`;
};
const tooMany = (retryAfterSeconds: number) =>
  expect.objectContaining({ code: 'too_many_requests', retryAfterSeconds });

describe('a recipient', () => {
  test('waits 30, 60, 120 and 300 seconds for the next code, whatever it is for and however it goes', async () => {
    await start();
    const recipient = aPhone();
    const { requestId } = await ask({ recipient });
    for (const [wait, next] of [
      [30, () => resendCode(identity.deps, { requestId }, { channel: 'voice', address: elsewhere() })],
      [60, () => ask({ recipient, purpose: 'restore', channel: 'voice', address: elsewhere() })],
      [120, () => ask({ recipient, purpose: 'registration', address: elsewhere() })],
    ] as const) {
      turn(seconds(wait) - 1);
      await expect(next()).rejects.toThrow(tooMany(1));
      turn(1);
      await next();
    }
    const now = identity.deps.clock().getTime();
    await expect(ask({ recipient, address: elsewhere() })).rejects.toThrow(tooMany(300));
    expect(identity.deps.clock().getTime()).toBe(now);
  });

  test('is told when the next code may be asked for, and may have it then', async () => {
    await start();
    const recipient = aPhone();
    for (let sends = 1; sends <= 7; sends += 1) {
      const { resendAt } = await ask({ recipient, address: elsewhere() });
      identity.runtime.clock.set(new Date(resendAt.getTime() - 1));
      expect(await refusalOf(ask({ recipient, address: elsewhere() }))).toBe('too_many_requests');
      identity.runtime.clock.set(resendAt);
    }
  });

  test('has one limit in all spellings of a number', async () => {
    await start();
    const spellings = ['0671112233', '+380 67 111-22-33', '380671112233', '(067) 111 22 33', '00380671112233'.slice(2)];
    const phones = spellings.map((text) => toE164(text, 'UA'));
    await ask({ recipient: phones[0] as string });
    for (const recipient of phones) expect(await refusalOf(ask({ recipient }))).toBe('too_many_requests');
  });

  test('has five codes in a quarter of an hour and ten a day, even when each is used', async () => {
    await start();
    const recipient = aPhone();
    const use = async () => {
      turn(1); // the newest message is the one that was sent last
      const { code, ...asked } = await aSentCode(identity, { recipient, address: elsewhere() });
      await enter(identity, asked, code);
    };
    for (let n = 0; n < 5; n += 1) await use();
    await expect(ask({ recipient, address: elsewhere() })).rejects.toThrow(tooMany(900));
    turn(minutes(15));
    for (let n = 0; n < 5; n += 1) await use();
    turn(minutes(15));
    await expect(ask({ recipient, address: elsewhere() })).rejects.toThrow(tooMany(23.5 * 3600));
    turn(hours(23.5));
    await use();
  });

  test('who used a code may have the next at once, a wrong one forgets nothing', async () => {
    await start();
    const { code, ...asked } = await aSentCode(identity);
    const { recipient } = asked;
    await refusalOf(enter(identity, asked, '000000'));
    expect(await refusalOf(ask({ recipient }))).toBe('too_many_requests');
    await enter(identity, asked, code);
    const next = await ask({ recipient });
    expect(next.resendAt.getTime() - identity.deps.clock().getTime()).toBe(seconds(30));
  });

  test('at an e-mail address is limited as one at a phone', async () => {
    await start();
    const mail = { channel: 'email', recipient: 'ivan@example.com' } as const;
    const { resendAt } = await ask(mail);
    expect(await refusalOf(ask(mail))).toBe('too_many_requests');
    identity.runtime.clock.set(resendAt);
    await ask(mail);
  });
});

describe('a network address', () => {
  test('has twenty codes in a quarter of an hour, a /64 being one', async () => {
    await start();
    for (let n = 0; n < 20; n += 1) await ask({ address: `2001:db8:1:2::${n.toString(16)}` });
    await expect(ask({ address: '2001:db8:1:2:ffff::1' })).rejects.toThrow(tooMany(900));
    await ask({ address: '2001:db8:1:3::1' });
    turn(minutes(15));
    await ask({ address: '2001:db8:1:2::1' });
  });

  test('is scaled in development', async () => {
    await start({ ADDRESS_LIMIT_SCALE: '2', CODE_SERIES_HOURLY: '100' });
    for (let n = 0; n < 40; n += 1) await ask();
    expect(await refusalOf(ask())).toBe('too_many_requests');
  });
});

test('numbers that are counted up share thirty codes an hour', async () => {
  await start();
  const numbered = (n: number) => `+38067111${String(n).padStart(4, '0')}`;
  for (let n = 0; n < 30; n += 1) await ask({ recipient: numbered(n * 300), address: elsewhere() });
  await expect(ask({ recipient: numbered(9999), address: elsewhere() })).rejects.toThrow(tooMany(3600));
  await ask({ recipient: '+380671129999', address: elsewhere() });
  turn(hours(1));
  await ask({ recipient: numbered(9999), address: elsewhere() });
});

test('a country has its share of an hour, and no other suffers', async () => {
  await start({ CODE_COUNTRY_HOURLY: '3' });
  for (let n = 0; n < 3; n += 1) await ask({ address: elsewhere() });
  await expect(ask({ address: elsewhere() })).rejects.toThrow(tooMany(3600));
  await ask({ recipient: '+97686661488', address: elsewhere() });
});

test('a number that cannot be served counts for nobody', async () => {
  await start();
  for (let n = 0; n < 25; n += 1)
    expect(await refusalOf(ask({ recipient: '+4915112345678' }))).toBe('phone_not_served');
  expect(await identity.deps.db.throttle.count()).toBe(0);
  expect(await identity.deps.db.message.count()).toBe(0);
  await ask();
});

describe('what is refused', () => {
  test('burns nobody’s allowance and leaves nothing behind', async () => {
    await start();
    const { db } = identity.deps;
    const { requestId, recipient } = await ask();
    const all = async () => ({
      throttles: await db.throttle.findMany({ orderBy: { key: 'asc' } }),
      requests: await db.codeRequest.findMany(),
      messages: await db.message.findMany(),
    });
    const before = await all();
    for (let n = 0; n < 25; n += 1) {
      expect(await refusalOf(ask({ recipient }))).toBe('too_many_requests');
      expect(await refusalOf(resendCode(identity.deps, { requestId }, { address }))).toBe('too_many_requests');
    }
    expect(await all()).toEqual(before);
    for (let n = 0; n < 19; n += 1) await ask();
    expect(await refusalOf(ask())).toBe('too_many_requests');
  });

  test('is still refused after any number of refusals', async () => {
    await start();
    const recipient = aPhone();
    await ask({ recipient });
    for (let second = 0; second < 30; second += 1) {
      expect(await refusalOf(ask({ recipient, address: elsewhere() }))).toBe('too_many_requests');
      turn(seconds(1));
    }
    await ask({ recipient, address: elsewhere() });
  });
});

describe('the daily spend', () => {
  const errors = () => identity.runtime.logged.filter(({ level }) => level === 'error');
  const stopped = async () =>
    /identity_code_spending_stopped\{[^}]*\} ([01])/.exec(await identity.runtime.metrics.registry.metrics())?.[1];

  test('stops sending when it is reached, says so once, and is forgotten after a day', async () => {
    await start({ CODE_COSTS: 'sms=5,voice=12,sms:MN=1', CODE_DAILY_SPEND: '20' });
    await ask({ channel: 'voice', address: elsewhere() });
    await ask({ address: elsewhere() });
    await ask({ recipient: '+97686661488', address: elsewhere() });
    expect([await stopped(), errors()]).toEqual(['0', []]);
    await ask({ address: elsewhere() });
    expect(await stopped()).toBe('1');
    for (let n = 0; n < 3; n += 1) {
      await expect(ask({ address: elsewhere() })).rejects.toThrow(
        expect.objectContaining({ code: 'service_unavailable', retryAfterSeconds: 24 * 3600 }),
      );
    }
    expect(await refusalOf(ask({ deliver: false, address: elsewhere() }))).toBe('service_unavailable');
    await ask({ channel: 'email', recipient: 'ivan@example.com' });
    expect(errors()).toMatchObject([{ spent: 23, dailySpend: 20 }]);

    turn(hours(24));
    expect(await stopped()).toBe('0');
    await ask({ address: elsewhere() });
  });

  test('counts no code for an unknown recipient: nothing is sent', async () => {
    await start({ CODE_DAILY_SPEND: '10' });
    for (let n = 0; n < 5; n += 1) await ask({ deliver: false, address: elsewhere() });
    await ask({ address: elsewhere() });
    await ask({ address: elsewhere() });
    expect(await refusalOf(ask({ deliver: false, address: elsewhere() }))).toBe('service_unavailable');
  });

  test('of nothing sends nothing that costs', async () => {
    await start({ CODE_DAILY_SPEND: '0' });
    expect(await refusalOf(ask())).toBe('service_unavailable');
    expect(await stopped()).toBe('1');
    await ask({ channel: 'email', recipient: 'ivan@example.com' });
  });

  test('that an operator raises is in force at once, for every process', async () => {
    await start({ CODE_DAILY_SPEND: '10' });
    for (let n = 0; n < 2; n += 1) await ask();
    expect(await refusalOf(ask())).toBe('service_unavailable');
    const restarted = await anotherProcess(identity);
    const codeLimits = { ...restarted.deps.codeLimits, dailySpend: 15 };
    const raised = { deps: { ...restarted.deps, codeLimits } };
    await askForCode(raised);
    expect(await refusalOf(askForCode(raised))).toBe('service_unavailable');
    await restarted.close();
  });
});

test('a recipient has one cool-down in all processes', async () => {
  await start();
  const other = await anotherProcess(identity);
  const { code, recipient, ...asked } = await aSentCode(identity);
  expect(await refusalOf(askForCode(other, { recipient }))).toBe('too_many_requests');
  await enter(other, asked, code);
  turn(1); // the newest message is the one that was sent last
  const next = await askForCode(other, { recipient });
  await enter(identity, next, await codeTo(identity, recipient));
  await other.close();
});
