import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anotherCode, aPhone, aSentCode, askForCode, codeTo, enter, refusalOf } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { acceptCode, resendCode } from './service.ts';

const address = '203.0.113.7';
const minutes = (n: number) => n * 60_000;

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(() => identity.close());

const resend = (which: { requestId: string } | { shortId: number }, channel?: 'sms' | 'voice') =>
  resendCode(identity.deps, which, { ...(channel && { channel }), address });
const turn = (milliseconds: number) => identity.runtime.clock.advance(milliseconds);
const messagesTo = (recipient: string) =>
  identity.deps.db.message.findMany({ where: { recipient }, orderBy: { id: 'asc' } });

describe('a code', () => {
  test('goes to its recipient, in their language, and hands on what was asked with it when it comes back', async () => {
    const recipient = aPhone();
    const asked = await askForCode(identity, {
      recipient,
      language: 'uk',
      customerId: '0123456789abcdef01234567',
      facts: { lastName: "О'Коннор" },
    });
    const now = identity.deps.clock();
    expect(asked).toMatchObject({ shortId: null, expiresAt: new Date(now.getTime() + minutes(5)) });
    const [message] = await identity.mailTo(recipient);
    expect(message).toMatchObject({ channel: 'sms', text: expect.stringMatching(/^Код для входу: [1-9]\d{5}\. /) });

    const accepted = await enter(identity, asked, await codeTo(identity, recipient));
    expect(accepted).toEqual({
      requestId: asked.requestId,
      purpose: 'sign_in',
      channel: 'sms',
      recipient,
      language: 'uk',
      customerId: '0123456789abcdef01234567',
      facts: { lastName: "О'Коннор" },
    });
  });

  test.each(['voice', 'email'] as const)('goes by %s as well', async (channel) => {
    const recipient = channel === 'email' ? 'reader@example.com' : aPhone();
    const { code, ...asked } = await aSentCode(identity, { channel, recipient });
    expect(await enter(identity, asked, code)).toMatchObject({ channel, recipient });
  });

  test('is accepted once', async () => {
    const { code, ...asked } = await aSentCode(identity);
    await enter(identity, asked, code);
    expect(await refusalOf(enter(identity, asked, code))).toBe('code_request_unknown');
  });

  test('ends after five minutes, and the next one of the same request does not', async () => {
    const { code, ...asked } = await aSentCode(identity);
    turn(minutes(5) - 1);
    const next = aSentCode(identity);
    expect((await next).code).toHaveLength(6);
    turn(1);
    expect(await refusalOf(enter(identity, asked, code))).toBe('code_wrong');
    await resend(asked);
    await enter(identity, asked, await codeTo(identity, asked.recipient));
  });

  test('dies when the next one is sent', async () => {
    const { code: first, ...asked } = await aSentCode(identity);
    turn(minutes(1));
    await resend(asked);
    const second = await codeTo(identity, asked.recipient);
    expect(second).not.toBe(first);
    expect(await refusalOf(enter(identity, asked, first))).toBe('code_wrong');
    await enter(identity, asked, second);
  });

  test('belongs to the request that it was sent for', async () => {
    const one = await aSentCode(identity);
    const other = await aSentCode(identity);
    expect(await refusalOf(enter(identity, one, other.code))).toBe('code_wrong');
    await enter(identity, one, one.code);
    await enter(identity, other, other.code);
  });

  test('serves no other purpose', async () => {
    const { code, ...asked } = await aSentCode(identity, { purpose: 'restore' });
    expect(await refusalOf(enter(identity, asked, code))).toBe('code_request_unknown');
    await acceptCode(identity.deps, asked, { code, purposes: ['registration', 'restore'] }, async () => {});
  });

  test('stays good when what it was for fails, and costs a try', async () => {
    const { code, ...asked } = await aSentCode(identity);
    const failing = enter(identity, asked, code, async () => {
      throw new Error('not this time');
    });
    await expect(failing).rejects.toThrow('not this time');
    expect(await identity.deps.db.codeRequest.findUnique({ where: { id: asked.requestId } })).toMatchObject({
      acceptedAt: null,
      tries: 1,
    });
    await enter(identity, asked, code);
  });
});

describe('guessing', () => {
  test.each([
    [6, 5],
    [8, 5],
    [5, 3],
    [4, 3],
  ])('a code of %i digits ends after %i tries, even for the right one', async (digits, tries) => {
    const { code, ...asked } = await aSentCode(identity, { digits });
    expect(code).toHaveLength(digits);
    for (let n = 0; n < tries; n += 1)
      expect(await refusalOf(enter(identity, asked, anotherCode(code)))).toBe('code_wrong');
    expect(await refusalOf(enter(identity, asked, code))).toBe('code_wrong');
  });

  test('gains no tries by another send, which there is none of without tries', async () => {
    const { code, ...asked } = await aSentCode(identity);
    for (let n = 0; n < 4; n += 1) await refusalOf(enter(identity, asked, anotherCode(code)));
    turn(minutes(1));
    await resend(asked);
    const next = await codeTo(identity, asked.recipient);
    expect(await refusalOf(enter(identity, asked, anotherCode(next)))).toBe('code_wrong');
    expect(await refusalOf(enter(identity, asked, next))).toBe('code_wrong');
    turn(minutes(10));
    expect(await refusalOf(resend(asked))).toBe('code_request_unknown');
  });

  test('after the end costs no try: there is nothing to guess', async () => {
    const { code, ...asked } = await aSentCode(identity);
    turn(minutes(6));
    for (let n = 0; n < 6; n += 1) await refusalOf(enter(identity, asked, code));
    await resend(asked);
    await enter(identity, asked, await codeTo(identity, asked.recipient));
  });

  test.each(['', ' ', '12345', '1234567', '１２３４５６', 'ABCDEF', '0'.repeat(10_000), '\ud800', '%00'])(
    'with something that is no code is a wrong code: %j',
    async (nonsense) => {
      const { code, ...asked } = await aSentCode(identity);
      expect(await refusalOf(enter(identity, asked, nonsense))).toBe('code_wrong');
      await enter(identity, asked, code);
    },
  );
});

describe('a request', () => {
  test('has a short id that fits 32 bits when one is wanted, and is found by it', async () => {
    const ids = new Set<number>();
    for (let n = 0; n < 5; n += 1) {
      const { shortId, recipient, resendAt } = await askForCode(identity, { withShortId: true });
      expect(shortId).toBeGreaterThan(0);
      expect(shortId).toBeLessThan(2 ** 31);
      ids.add(shortId as number);
      identity.runtime.clock.set(resendAt);
      await resend({ shortId: shortId as number });
      const code = await codeTo(identity, recipient);
      await acceptCode(identity.deps, { shortId: shortId as number }, { code, purposes: ['sign_in'] }, async () => {});
    }
    expect(ids.size).toBe(5);
    expect(Math.max(...ids) - Math.min(...ids)).toBeGreaterThan(1000);
  });

  test.each([
    { requestId: '019c75c5-7200-7e14-aa81-aaff9f96e340' },
    { shortId: 1 },
    { shortId: 2 ** 31 },
    { shortId: 2 ** 53 },
    { shortId: -1 },
  ])('that nobody made is unknown: %j', async (which) => {
    const guess = acceptCode(identity.deps, which, { code: '123456', purposes: ['sign_in'] }, async () => {});
    expect(await refusalOf(guess)).toBe('code_request_unknown');
    expect(await refusalOf(resend(which))).toBe('code_request_unknown');
  });

  test('can be sent again by voice, and is over after an hour', async () => {
    const asked = await askForCode(identity);
    await identity.mailTo(asked.recipient);
    turn(minutes(1));
    await resend(asked, 'voice');
    expect((await identity.mailTo(asked.recipient)).map(({ channel }) => channel)).toEqual(['voice', 'sms']);
    turn(minutes(59));
    expect(await refusalOf(resend(asked))).toBe('code_request_unknown');
    expect(await refusalOf(enter(identity, asked, '123456'))).toBe('code_request_unknown');
  });

  test('cannot be sent again once it was accepted', async () => {
    const { code, ...asked } = await aSentCode(identity);
    await enter(identity, asked, code);
    turn(minutes(1));
    expect(await refusalOf(resend(asked))).toBe('code_request_unknown');
  });
});

describe('the worker sends nothing that is not the code to enter', () => {
  const statuses = async (recipient: string) => (await messagesTo(recipient)).map(({ status }) => status);

  test('when the next one was asked for', async () => {
    const asked = await askForCode(identity);
    identity.runtime.clock.set(asked.resendAt);
    await resend(asked);
    expect(await identity.mailTo(asked.recipient)).toHaveLength(1);
    expect(await statuses(asked.recipient)).toEqual(['dropped', 'sent']);
    await enter(identity, asked, await codeTo(identity, asked.recipient));
  });

  test('when its five minutes are over', async () => {
    const asked = await askForCode(identity);
    turn(minutes(5));
    expect(await identity.mailTo(asked.recipient)).toEqual([]);
    expect(await statuses(asked.recipient)).toEqual(['expired']);
  });

  test('when no tries are left', async () => {
    const asked = await askForCode(identity);
    for (let n = 0; n < 5; n += 1) await refusalOf(enter(identity, asked, '000000'));
    expect(await identity.mailTo(asked.recipient)).toEqual([]);
    expect(await statuses(asked.recipient)).toEqual(['dropped']);
  });
});

describe('an unknown recipient', () => {
  test('gets the same answer by the same statements, and no message; no code is right', async () => {
    const known = aPhone();
    const unknown = aPhone();
    await identity.mailTo(known); // nothing of before is left to send
    const answers = [];
    for (const [recipient, deliver] of [
      [known, true],
      [unknown, false],
    ] as const) {
      const asked = await countStatements(identity.runtime, () => askForCode(identity, { recipient, deliver }));
      identity.runtime.clock.set(asked.result.resendAt);
      const again = await countStatements(identity.runtime, () => resend(asked.result));
      const { requestId, shortId, ...times } = again.result;
      expect(requestId).toBe(asked.result.requestId);
      const guess = await countStatements(identity.runtime, () => refusalOf(enter(identity, again.result, '123456')));
      answers.push({
        shortId,
        waits: times.resendAt.getTime() - identity.deps.clock().getTime(),
        statements: [asked.statements, again.statements, guess.statements],
        refusal: guess.result,
        tooSoon: await refusalOf(resend(again.result)),
      });
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(await identity.mailTo(known)).toHaveLength(1);
    expect(await identity.mailTo(unknown)).toEqual([]);
    expect((await messagesTo(unknown)).map(({ status }) => status)).toEqual(['dropped', 'dropped']);
  });

  test('is not let in by the code that would have been sent', async () => {
    const { deps } = identity;
    const asked = await askForCode(identity, { deliver: false });
    await deps.db.codeRequest.update({ where: { id: asked.requestId }, data: { delivers: true } });
    const code = await codeTo(identity, asked.recipient);
    await deps.db.codeRequest.update({ where: { id: asked.requestId }, data: { delivers: false } });
    expect(await refusalOf(enter(identity, asked, code))).toBe('code_wrong');
  });
});

test('the code is in no row, event or log line, before it is sent, while it is good and after it was used', async () => {
  const asked = await askForCode(identity, { withShortId: true });
  const { database, db } = identity.deps;
  const everything = async () => {
    const rows = await database.$queryRaw<{ text: string }[]>`
      SELECT query_to_xml('SELECT * FROM ' || quote_ident(table_name), true, true, '')::text AS text
      FROM information_schema.tables
      WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name <> 'development_message'`;
    expect(rows.length).toBeGreaterThan(10);
    return JSON.stringify([rows, identity.runtime.logged, await identity.told()]);
  };
  const before = await everything();
  const code = await codeTo(identity, asked.recipient);
  const during = await everything();
  await enter(identity, asked, anotherCode(code)).catch(() => {});
  await enter(identity, asked, code);
  const after = await everything();
  // Alone, six digits may be part of a number that has nothing to do with it.
  const alone = new RegExp(`(?<![0-9a-f])${code}(?![0-9a-f])`);
  for (const text of [before, during, after]) {
    expect(text).toContain(asked.requestId);
    expect(text).not.toMatch(alone);
  }
  expect(await db.developmentMessage.findMany({ where: { recipient: asked.recipient } })).toHaveLength(1);
});

test('sends and what became of codes are counted, by channel and country', async () => {
  const mongolia = await startIdentity();
  const recipient = '+97686661488';
  const { code, ...asked } = await aSentCode(mongolia, { recipient, channel: 'voice' });
  await refusalOf(enter(mongolia, asked, anotherCode(code)));
  mongolia.runtime.clock.advance(minutes(6));
  await refusalOf(enter(mongolia, asked, code));
  await resendCode(mongolia.deps, asked, { address });
  await enter(mongolia, asked, await codeTo(mongolia, recipient));
  const { code: short, ...other } = await aSentCode(mongolia, {
    digits: 4,
    channel: 'email',
    recipient: 'a@example.com',
  });
  for (let n = 0; n < 4; n += 1) await refusalOf(enter(mongolia, other, anotherCode(short)));
  await askForCode(mongolia, { deliver: false });

  const text = await mongolia.runtime.metrics.registry.metrics();
  const samples = text
    .split('\n')
    .filter((line) => /^identity_codes?_(sends_)?total/.test(line))
    .map((line) => line.replace(',service="identity"', ''));
  expect(samples).toEqual([
    'identity_code_sends_total{channel="voice",country="MN"} 2',
    'identity_code_sends_total{channel="email",country="none"} 1',
    'identity_codes_total{channel="voice",country="MN",outcome="accepted"} 1',
    'identity_codes_total{channel="voice",country="MN",outcome="wrong"} 1',
    'identity_codes_total{channel="voice",country="MN",outcome="expired"} 1',
    'identity_codes_total{channel="email",country="none",outcome="accepted"} 0',
    'identity_codes_total{channel="email",country="none",outcome="wrong"} 3',
    'identity_codes_total{channel="email",country="none",outcome="exhausted"} 1',
  ]);
  await mongolia.close();
});
