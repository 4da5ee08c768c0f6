import { codeAccepted, issueCode as question } from '@forecourt/contracts';
import { type Answering, ask, subjectOf } from '@forecourt/messaging';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { anotherCode, aPhone, codeTo, refusalOf } from '../../test/codes.ts';
import { startIdentity, type TestIdentity } from '../../test/identity.ts';
import { answerCodeRequests } from './requests.ts';
import { acceptCode } from './service.ts';

let identity: TestIdentity;
let answering: Answering;
let queued = 0;
beforeAll(async () => {
  identity = await startIdentity({ CODE_COOLDOWN_SECONDS: '30' }, { nats: true });
  answering = answerCodeRequests(identity.deps, identity.runtime.nats, () => {
    queued += 1;
  });
});
afterAll(async () => {
  await answering.close();
  await identity.close();
});

type Wish = z.output<typeof question.request>;
let references = 0;
const aWish = (wishes: Partial<Wish> = {}): Wish => {
  references += 1;
  return {
    owner: 'orders',
    reference: `order-${references}`,
    phone: aPhone(),
    channel: 'sms',
    language: 'ka',
    customerId: null,
    digits: 6,
    foundAlone: false,
    address: '203.0.113.7',
    ...wishes,
  };
};
const asked = (wish: Wish) => ask(identity.runtime.nats, question, wish, { timeoutMs: 4000 });
const enter = (requestId: string, code: string) =>
  acceptCode(identity.deps, { requestId }, { code, purposes: ['confirmation'] }, async () => {});
const accepted = async () => (await identity.told(codeAccepted.subject)).map(({ data }) => data);

test('a service asks, hears when the next one may be asked for, and of success once, and never sees the code', async () => {
  const wish = aWish({ customerId: '0123456789abcdef01234567' });
  const reply = await asked(wish);
  const now = identity.deps.clock();
  expect(reply).toEqual({
    codeRequestId: expect.any(String),
    expiresAt: new Date(now.getTime() + 300_000),
    resendAt: new Date(now.getTime() + 30_000),
  });
  const code = await codeTo(identity, wish.phone);
  expect(JSON.stringify(reply)).not.toContain(code);
  expect(queued).toBe(1);

  await refusalOf(enter(reply.codeRequestId, anotherCode(code)));
  expect(await accepted()).toEqual([]);
  await enter(reply.codeRequestId, code);
  await refusalOf(enter(reply.codeRequestId, code));
  expect(await accepted()).toEqual([
    {
      codeRequestId: reply.codeRequestId,
      version: 1,
      owner: 'orders',
      reference: wish.reference,
      customerId: '0123456789abcdef01234567',
      recipient: wish.phone,
      acceptedAt: now.toISOString(),
    },
  ]);
});

test('no code outlives what it confirms', async () => {
  const lapsesAt = new Date(identity.deps.clock().getTime() + 299_000);
  expect(await asked(aWish({ lapsesAt }))).toMatchObject({ expiresAt: lapsesAt });
});

test('the same reference again is the same request: cool-down, tries and all', async () => {
  const wish = aWish();
  const first = await asked(wish);
  const code = await codeTo(identity, wish.phone);
  for (let n = 0; n < 4; n += 1) await refusalOf(enter(first.codeRequestId, anotherCode(code)));
  await expect(asked(wish)).rejects.toMatchObject({ code: 'too_many_requests', retryAfterSeconds: 30 });

  identity.runtime.clock.set(first.resendAt);
  const again = await asked({ ...wish, channel: 'voice', language: 'en' });
  expect(again.codeRequestId).toBe(first.codeRequestId);
  const next = await codeTo(identity, wish.phone);
  expect(next).not.toBe(code);
  await refusalOf(enter(first.codeRequestId, anotherCode(next)));
  identity.runtime.clock.set(again.resendAt);
  await expect(asked(wish)).rejects.toMatchObject({ code: 'too_many_attempts' });

  identity.runtime.clock.advance(3_600_000);
  expect((await asked(wish)).codeRequestId).toBe(first.codeRequestId);
  await enter(first.codeRequestId, await codeTo(identity, wish.phone));
});

test('references of two services, or two of one, are two requests', async () => {
  const ids = new Set<string>();
  for (const owner of ['orders', 'payments'] as const) {
    for (const reference of ['a', 'b']) ids.add((await asked(aWish({ owner, reference }))).codeRequestId);
  }
  expect(ids.size).toBe(4);
});

test('another phone for the same reference is the one that counts from then on', async () => {
  const wish = aWish();
  const { codeRequestId } = await asked(wish);
  const old = await codeTo(identity, wish.phone);
  const phone = aPhone();
  expect((await asked({ ...wish, phone })).codeRequestId).toBe(codeRequestId);
  expect(await refusalOf(enter(codeRequestId, old))).toBe('code_wrong');
  await enter(codeRequestId, await codeTo(identity, phone));
  expect((await accepted()).at(-1)).toMatchObject({ codeRequestId, recipient: phone });
});

test('what is confirmed needs no other code', async () => {
  const wish = aWish();
  const { codeRequestId, resendAt } = await asked(wish);
  await enter(codeRequestId, await codeTo(identity, wish.phone));
  identity.runtime.clock.set(resendAt);
  await expect(asked(wish)).rejects.toMatchObject({ code: 'already_confirmed' });
});

test('a phone that is not served, and a wish that breaks the contract, are refused in words that the asker understands', async () => {
  await expect(asked(aWish({ phone: '+4915112345678' }))).rejects.toMatchObject({ code: 'phone_not_served' });
  const broken = { ...aWish(), digits: 3 };
  const { connection, streamPrefix } = identity.runtime.nats;
  const reply = connection.request(subjectOf(streamPrefix, question), JSON.stringify(broken));
  expect((await reply).headers?.toString()).toContain('validation_failed');
  expect(await identity.deps.db.codeRequest.count({ where: { reference: broken.reference } })).toBe(0);
});

test('an effect that fails tells nothing', async () => {
  const wish = aWish();
  const { codeRequestId } = await asked(wish);
  const code = await codeTo(identity, wish.phone);
  const before = await accepted();
  const failing = acceptCode(identity.deps, { requestId: codeRequestId }, { code, purposes: ['confirmation'] }, () =>
    Promise.reject(new Error('not this time')),
  );
  await expect(failing).rejects.toThrow('not this time');
  expect(await accepted()).toEqual(before);
});

test('a code that is to be found alone knows the network that it was asked for from, and no other code does', async () => {
  const networkOf = async (wish: Wish) => {
    const { codeRequestId: id } = await asked(wish);
    return (await identity.deps.db.codeRequest.findUniqueOrThrow({ where: { id } })).network;
  };
  expect(await networkOf(aWish())).toBeNull();
  const alone = await networkOf(aWish({ foundAlone: true }));
  expect(alone).toMatch(/^code-network:/);
  expect(await networkOf(aWish({ foundAlone: true, address: '203.0.113.8' }))).not.toBe(alone);
});
