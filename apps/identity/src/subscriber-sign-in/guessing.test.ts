import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { anotherProcess, aPhone, refusalOf } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { aChallenge, aSubscriber, wrong } from '../../test/subscribers.ts';
import { codeOf } from '../code/code.ts';
import { issueCode } from '../code/service.ts';
import type { Deps } from '../deps.ts';
import { enterSubscriberCode } from './service.ts';

let identity: TestIdentity;
let other: Awaited<ReturnType<typeof anotherProcess>>;
beforeAll(async () => {
  identity = await startIdentity({ ADDRESS_LIMIT_SCALE: '1' });
  other = await anotherProcess(identity);
});
afterAll(async () => {
  await other.close();
  await identity.close();
});

let networks = 0;
let address: string;
beforeEach(() => {
  networks += 1;
  address = `198.18.${networks}.7`;
});

const enterAs = (deps: Deps, code: number, requestId: string | null, from = address) =>
  enterSubscriberCode(deps, {
    code: String(code),
    requestId,
    language: 'ka',
    visit: { clientId: null, address: from, userAgent: null },
  });
/** Many at once, every second one in the other process. */
const together = (codes: readonly number[], requestId: string | null) =>
  Promise.all(codes.map((code, n) => refusalOf(enterAs(n % 2 === 0 ? identity.deps : other.deps, code, requestId))));
const count = (outcomes: readonly (string | null)[], wanted: string | null) =>
  outcomes.filter((outcome) => outcome === wanted).length;
const triesOf = async (id: string) => (await identity.deps.db.codeRequest.findUniqueOrThrow({ where: { id } })).tries;
const sessionsOf = (customerId: string) => identity.deps.db.session.count({ where: { customerId, endedAt: null } });
const neighbours = (code: number, many: number): number[] =>
  Array.from({ length: many }, (_, n) => 100_000 + ((code - 100_000 + 1 + n) % 900_000));

test('forty guesses at once at a request that is named have its five tries, and no more', async () => {
  const { code, verification } = await aChallenge(identity, await aSubscriber(identity), { address });
  const outcomes = await together(neighbours(code, 40), verification);
  expect([count(outcomes, 'code_wrong'), count(outcomes, 'too_many_attempts')]).toEqual([5, 35]);
  expect(await triesOf(verification)).toBe(5);
  expect(await refusalOf(enterAs(identity.deps, code, verification))).toBe('too_many_attempts');
});

test('a right one among many at once opens one session at most, wherever it is among them', async () => {
  for (let round = 0; round < 5; round += 1) {
    const subscriber = await aSubscriber(identity);
    const from = `198.18.200.${round}`;
    const { code, verification } = await aChallenge(identity, subscriber, { address: from });
    const guesses = [...neighbours(code, 8), code, ...neighbours(code, 3), code];
    await Promise.all(
      guesses.map((guess, n) =>
        refusalOf(enterAs(n % 2 === 0 ? identity.deps : other.deps, guess, verification, from)),
      ),
    );
    expect(await sessionsOf(subscriber.id)).toBeLessThanOrEqual(1);
    expect(await triesOf(verification)).toBeLessThanOrEqual(5);
  }
});

test('guesses by the code alone are counted against their network, at once in two processes, and against no request', async () => {
  const subscribers = await Promise.all(Array.from({ length: 3 }, () => aSubscriber(identity)));
  const challenges = [];
  for (const subscriber of subscribers) challenges.push(await aChallenge(identity, subscriber, { address }));
  const right = new Set(challenges.map(({ code }) => code));
  const guesses = neighbours(challenges[0]?.code ?? 0, 63).filter((code) => !right.has(code));
  const outcomes = await together(guesses, null);
  expect(count(outcomes, 'code_wrong')).toBe(20);
  expect(count(outcomes, 'too_many_requests')).toBe(guesses.length - 20);
  for (const { verification } of challenges) expect(await triesOf(verification)).toBe(0);

  const [first, second] = challenges;
  if (!first || !second) throw new Error('there are three');
  // The limit stops the right code as well, in either process.
  expect(await together([first.code, first.code], null)).toEqual(['too_many_requests', 'too_many_requests']);
  // Who says which request they mean has their own five tries: nobody has used them up.
  expect(await refusalOf(enterAs(identity.deps, wrong(second.code), second.verification))).toBe('code_wrong');
  await enterAs(identity.deps, second.code, second.verification);
});

test('a wrong code alone is counted for whoever watches for guesses', async () => {
  const wrongOnes = async () => {
    const text = await identity.runtime.metrics.registry.metrics();
    return Number(
      /^identity_codes_total\{channel="none",country="none",outcome="wrong".*\} (\d+)$/m.exec(text)?.[1] ?? 0,
    );
  };
  const before = await wrongOnes();
  for (let n = 0; n < 2; n += 1) await refusalOf(enterAs(identity.deps, 100_000, null));
  expect(await wrongOnes()).toBe(before + 2);
});

test('the network’s limit outlasts an own success, and what was right is not counted', async () => {
  for (let n = 0; n < 19; n += 1) expect(await refusalOf(enterAs(identity.deps, 100_000 + n, null))).toBe('code_wrong');
  for (let n = 0; n < 2; n += 1) {
    const { code } = await aChallenge(identity, await aSubscriber(identity), { address });
    await enterAs(identity.deps, code, null);
  }
  expect(await refusalOf(enterAs(identity.deps, 100_019, null))).toBe('code_wrong');
  expect(await refusalOf(enterAs(identity.deps, 100_020, null))).toBe('too_many_requests');
  identity.runtime.clock.advance(24 * 3600 * 1000 + 1);
  expect(await refusalOf(enterAs(identity.deps, 100_020, null))).toBe('code_wrong');
});

test('a whole /64 is one network, and another network finds nothing', async () => {
  const subscriber = await aSubscriber(identity);
  const { code } = await aChallenge(identity, subscriber, { address: '2001:db8:7:7::1' });
  expect(await refusalOf(enterAs(identity.deps, code, null, '2001:db8:7:8::1'))).toBe('code_wrong');
  expect(await refusalOf(enterAs(identity.deps, code, null, address))).toBe('code_wrong');
  await enterAs(identity.deps, code, null, '2001:db8:7:7:9:9:9:9');
});

test('twenty uses of one right code alone, at once, open one session', async () => {
  const subscriber = await aSubscriber(identity);
  const { code } = await aChallenge(identity, subscriber, { address });
  const outcomes = await together(
    Array.from({ length: 20 }, () => code),
    null,
  );
  expect(count(outcomes, null)).toBe(1);
  expect(await sessionsOf(subscriber.id)).toBe(1);
});

test('codes of one network are unlike one another, however many are asked for at once', async () => {
  const wish = { purpose: 'subscriber_sign_in', channel: 'sms', language: 'en', digits: 4, foundAlone: true } as const;
  // Of 9000 codes; without looking, some five of 300 would be alike.
  const deps = [identity.deps, other.deps].map((each) => ({
    ...each,
    codeLimits: { ...each.codeLimits, addressLimitScale: 1000 },
  })) as Deps[];
  const issue = (n: number) => issueCode(deps[n % 2] as Deps, { ...wish, recipient: aPhone(), address });
  const issued = [];
  for (let from = 0; from < 300; from += 10) {
    issued.push(...(await Promise.all(Array.from({ length: 10 }, (_, n) => issue(from + n)))));
  }
  const rows = await identity.deps.db.codeRequest.findMany({
    where: { id: { in: issued.map((one) => one.requestId) } },
  });
  const codes = rows.map((row) => codeOf(identity.deps.secrets.codes, row));
  expect(rows).toHaveLength(300);
  expect(new Set(codes).size).toBe(300);
});

test('of two live requests with one code neither is meant', async () => {
  const [one, two] = [await aSubscriber(identity), await aSubscriber(identity)];
  const first = await aChallenge(identity, one, { address });
  const second = await aChallenge(identity, two, { address });
  const { nonce, sends } = await identity.deps.db.codeRequest.findUniqueOrThrow({ where: { id: first.verification } });
  // No draw does this: a row is made to, by trying nonces of a shorter code in both.
  const alike = nonceOf(
    second.verification,
    codeOf(identity.deps.secrets.codes, { id: first.verification, nonce, sends, digits: 4 }),
  );
  const data = { digits: 4 };
  await identity.deps.db.codeRequest.update({ where: { id: first.verification }, data });
  await identity.deps.db.codeRequest.update({ where: { id: second.verification }, data: { ...data, nonce: alike } });
  const code = Number(codeOf(identity.deps.secrets.codes, { id: first.verification, nonce, sends, digits: 4 }));
  expect(await refusalOf(enterAs(identity.deps, code, null))).toBe('code_wrong');
  await enterAs(identity.deps, code, second.verification);
  expect(await sessionsOf(two.id)).toBe(1);
});

function nonceOf(id: string, wanted: string) {
  for (let n = 0; ; n += 1) {
    const nonce = Buffer.alloc(16);
    nonce.writeUInt32BE(n);
    if (codeOf(identity.deps.secrets.codes, { id, nonce, sends: 1, digits: 4 }) === wanted) return nonce;
  }
}
