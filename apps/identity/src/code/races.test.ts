import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  anotherCode,
  anotherProcess,
  aPhone,
  aSentCode,
  askForCode,
  codeTo,
  enter,
  refusalOf,
} from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { waitingForLocks } from '../../test/locks.ts';
import { recipientKeys } from './limits.ts';
import { acceptCode, issueCode, resendCode } from './service.ts';

const address = '203.0.113.7';

let identity: TestIdentity;
let other: Awaited<ReturnType<typeof anotherProcess>>;
beforeAll(async () => {
  identity = await startIdentity({ CODE_COOLDOWN_SECONDS: '30' });
  other = await anotherProcess(identity);
});
afterAll(async () => {
  await other.close();
  await identity.close();
});

/** Many at once, every second one in the other process. */
const together = <T>(times: number, work: (process: Pick<TestIdentity, 'deps'>) => Promise<T>) =>
  Promise.all(Array.from({ length: times }, (_, n) => work(n % 2 === 0 ? identity : other)));

const count = (outcomes: readonly (string | null)[], wanted: string | null) =>
  outcomes.filter((outcome) => outcome === wanted).length;

/** An effect that a row shows. */
const leaveTrace = (deps: TestIdentity['deps'], which: { requestId: string }, code: string) =>
  acceptCode(deps, which, { code, purposes: ['sign_in'] }, async (tx, { requestId }) => {
    await tx.auditEntry.create({
      data: { at: deps.clock(), act: 'trace', actorRole: 'system', facts: { requestId } },
    });
  });
const tracesOf = (requestId: string) =>
  identity.deps.db.auditEntry.count({ where: { act: 'trace', facts: { path: ['requestId'], equals: requestId } } });

test('twenty uses of the right code at once, in two processes, have one effect', async () => {
  for (let round = 0; round < 3; round += 1) {
    const { code, ...asked } = await aSentCode(identity);
    const outcomes = await together(20, ({ deps }) => refusalOf(leaveTrace(deps, asked, code)));
    expect(count(outcomes, null)).toBe(1);
    expect(count(outcomes, 'code_wrong') + count(outcomes, 'code_request_unknown')).toBe(19);
    expect(await tracesOf(asked.requestId)).toBe(1);
  }
});

test('wrong guesses at once never have more tries than there are', async () => {
  const { code, ...asked } = await aSentCode(identity);
  let compared = 0;
  const outcomes = await together(20, (process) =>
    refusalOf(
      enter(process, asked, anotherCode(code), async () => {
        compared += 1;
      }),
    ),
  );
  expect(count(outcomes, 'code_wrong')).toBe(20);
  expect(compared).toBe(0);
  const { tries } = await identity.deps.db.codeRequest.findUniqueOrThrow({ where: { id: asked.requestId } });
  expect(tries).toBe(5);
  expect(await refusalOf(enter(identity, asked, code))).toBe('code_wrong');
});

test('of many guesses at once no more are looked at than there are tries, wherever the right one is among them', async () => {
  let hits = 0;
  for (let round = 0; round < 12; round += 1) {
    const { code, ...asked } = await aSentCode(identity);
    const guesses = Array.from({ length: 15 }, (_, n) => String(Number(code) - 14 + n));
    const outcomes = await Promise.all(
      guesses.map((guess, n) => refusalOf(enter(n % 2 === 0 ? identity : other, asked, guess))),
    );
    const { tries } = await identity.deps.db.codeRequest.findUniqueOrThrow({ where: { id: asked.requestId } });
    expect(tries).toBeLessThanOrEqual(5);
    hits += count(outcomes, null);
  }
  // The right one comes last of fifteen: were all of them looked at, it would be accepted every time.
  expect(hits).toBeLessThan(12);
});

test('many requests for one phone at once send one code', async () => {
  const recipient = aPhone();
  const outcomes = await together(20, (process) => refusalOf(askForCode(process, { recipient })));
  expect([count(outcomes, null), count(outcomes, 'too_many_requests')]).toEqual([1, 19]);
  expect(await identity.mailTo(recipient)).toHaveLength(1);
  expect(await identity.deps.db.codeRequest.count({ where: { recipient } })).toBe(1);
});

test('many requests for another send at once send one', async () => {
  const asked = await askForCode(identity);
  await identity.mailTo(asked.recipient);
  identity.runtime.clock.set(asked.resendAt);
  const outcomes = await together(20, ({ deps }) => refusalOf(resendCode(deps, asked, { address })));
  expect([count(outcomes, null), count(outcomes, 'too_many_requests')]).toEqual([1, 19]);
  expect(await identity.mailTo(asked.recipient)).toHaveLength(2);
  await enter(identity, asked, await codeTo(identity, asked.recipient));
});

test('requests from one address at once are no more than it may have', async () => {
  const few = await startIdentity({ ADDRESS_LIMIT_SCALE: '1' });
  const outcomes = await Promise.all(Array.from({ length: 26 }, () => refusalOf(askForCode(few))));
  expect([count(outcomes, null), count(outcomes, 'too_many_requests')]).toEqual([20, 6]);
  await few.close();
});

test('the daily spend is reached once, however many send at once', async () => {
  const poor = await startIdentity({ CODE_DAILY_SPEND: '35' });
  const outcomes = await Promise.all(Array.from({ length: 15 }, () => refusalOf(askForCode(poor))));
  expect([count(outcomes, null), count(outcomes, 'service_unavailable')]).toEqual([7, 8]);
  expect(poor.runtime.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
  await poor.close();
});

test('a code that is entered while the next one is sent is either good or dead, and never both', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { code, ...asked } = await aSentCode(identity);
    identity.runtime.clock.set(asked.resendAt);
    const [entered, resent] = await Promise.all([
      refusalOf(leaveTrace(identity.deps, asked, code)),
      refusalOf(resendCode(other.deps, asked, { address })),
    ]);
    const { acceptedAt, sends } = await identity.deps.db.codeRequest.findUniqueOrThrow({
      where: { id: asked.requestId },
    });
    if (entered === null) expect([acceptedAt === null, sends]).toEqual([false, 1]);
    else expect([entered, resent, acceptedAt, sends]).toEqual(['code_wrong', null, null, 2]);
    expect(await tracesOf(asked.requestId)).toBe(entered === null ? 1 : 0);
  }
});

test('a try that is taken while the next code is being sent stays taken', async () => {
  const { code, ...asked } = await aSentCode(identity);
  identity.runtime.clock.set(asked.resendAt);
  const { cooldown } = recipientKeys(identity.deps.secrets, asked.recipient);
  let pending: Promise<unknown>[] = [];
  await identity.deps.database.transaction(async (tx) => {
    await tx.$executeRaw`UPDATE throttle SET attempts = attempts WHERE key = ${cooldown}`;
    const resent = resendCode(other.deps, asked, { address });
    await expect.poll(() => waitingForLocks(other.deps.database)).toBe(1);
    let guessed = false;
    const guess = refusalOf(enter(other, asked, anotherCode(code))).finally(() => {
      guessed = true;
    });
    pending = [resent, guess];
    await expect.poll(async () => guessed || (await waitingForLocks(other.deps.database)) === 2).toBe(true);
  });
  await Promise.all(pending);
  const request = await identity.deps.db.codeRequest.findUniqueOrThrow({ where: { id: asked.requestId } });
  expect(request).toMatchObject({ sends: 2, tries: 1 });
});

describe('a code is accepted in the transaction of its effect', () => {
  test('another use waits for it, and finds the code used', async () => {
    const { code, ...asked } = await aSentCode(identity);
    let begun = () => {};
    let finish = () => {};
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = enter(identity, asked, code, async () => {
      begun();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await beginning;
    let settled = false;
    const second = refusalOf(enter(other, asked, code)).finally(() => {
      settled = true;
    });
    await expect.poll(() => waitingForLocks(identity.deps.database), { timeout: 4000 }).toBeGreaterThan(0);
    expect(settled).toBe(false);
    finish();
    await first;
    expect(await second).toBe('code_request_unknown');
  });

  test('another use has its turn when the first one fails', async () => {
    const { code, ...asked } = await aSentCode(identity);
    let n = 0;
    const outcomes = await together(4, (process) =>
      refusalOf(
        enter(process, asked, code, async () => {
          n += 1;
          if (n < 3) throw new Error('not this time');
        }),
      ),
    );
    expect(count(outcomes, 'Error: not this time')).toBe(2);
    expect(count(outcomes, null)).toBe(1);
    expect(count(outcomes, 'code_request_unknown')).toBe(1);
  });
});

test('one confirmation asked for many times at once is one request and one message', async () => {
  const recipient = aPhone();
  const wish = { purpose: 'confirmation', channel: 'sms', recipient, language: 'ka', address } as const;
  const outcomes = await together(12, ({ deps }) =>
    refusalOf(issueCode(deps, { ...wish, owner: 'orders', reference: 'one' })),
  );
  expect([count(outcomes, null), count(outcomes, 'too_many_requests')]).toEqual([1, 11]);
  expect(await identity.deps.db.codeRequest.count({ where: { owner: 'orders', reference: 'one' } })).toBe(1);

  const phones = Array.from({ length: 6 }, aPhone);
  const sent = await Promise.all(
    phones.map((phone, n) =>
      refusalOf(
        issueCode((n % 2 ? identity : other).deps, { ...wish, recipient: phone, owner: 'orders', reference: 'two' }),
      ),
    ),
  );
  expect(sent).toEqual(phones.map(() => null));
  expect(await identity.deps.db.codeRequest.findMany({ where: { reference: 'two' } })).toMatchObject([{ sends: 6 }]);
});
