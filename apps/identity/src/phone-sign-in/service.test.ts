import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, anOperator, aRegistration, logIn } from '../../test/builders.ts';
import { aPhone } from '../../test/codes.ts';
import type { TestIdentity } from '../../test/identity.ts';
import { appOf, aSignUp, aSubmission, startWithDemoApp, tokenOf } from '../../test/mobile.ts';

let identity: TestIdentity;
let app: ReturnType<typeof appOf>;
beforeAll(async () => {
  identity = await startWithDemoApp();
  app = appOf(identity);
});
afterAll(() => identity.close());

const coolDown = () => identity.runtime.clock.advance(61_000);
const rowOf = (phone: string) => identity.deps.db.customer.findUniqueOrThrow({ where: { phone } });
const toldOf = async (customerId: string) =>
  (await identity.told())
    .filter(({ data }) => data.customerId === customerId)
    .map(({ subject, data }) => ({
      told: subject.replace(/^identity\.|\.v1$/g, ''),
      version: data.version,
      reason: data.reason,
    }));
const actsOn = (subjectId: string) =>
  identity.deps.db.auditEntry.findMany({ where: { subjectId }, orderBy: { id: 'asc' } });

/** The newest link that an address or phone was sent. */
async function linkTo(recipient: string): Promise<string | undefined> {
  const messages = await identity.mailTo(recipient);
  return messages.map(({ text }) => /reset-password\?token=(\S+)/.exec(text)?.[1]).find((token) => token);
}
const forget = (email: string) => identity.call('POST', '/auth/forgot-password', { body: { email } });

describe('somebody new', () => {
  test('is registered without a browser, so that no order is attached, and then has a proved phone', async () => {
    const { phone } = await aSignUp(identity);
    const { id, phoneVerifiedAt, version, passwordHash, lastLoginAt } = await rowOf(phone);
    expect({ version, passwordHash }).toEqual({ version: 2, passwordHash: null });
    expect([phoneVerifiedAt, lastLoginAt]).toEqual([identity.deps.clock(), identity.deps.clock()]);
    const told = (await identity.told()).filter(({ data }) => data.customerId === id);
    expect(told.map(({ subject, data }) => [subject, data.version])).toEqual([
      ['identity.customer.registered.v1', 1],
      ['identity.customer.phone-verified.v1', 2],
    ]);
    expect(told[0]?.data).toMatchObject({ phone, clientId: null });
    expect(identity.claims).toEqual([]);
    expect((await actsOn(id)).map(({ act, actorRole, actorId }) => [act, actorRole, actorId])).toEqual([
      ['phone.proved', 'customer', id],
      ['device.opened', 'customer', id],
    ]);
  });

  test('is whoever proves the phone of somebody who was erased', async () => {
    const first = await aSignUp(identity);
    const { id } = await rowOf(first.phone);
    await identity.deps.db.customer.update({
      where: { id },
      data: { phone: null, phoneVerifiedAt: null, erasedAt: identity.deps.clock() },
    });
    coolDown();
    const second = await aSignUp(identity, { phone: first.phone });
    expect(second.id).not.toBe(first.id);
    expect((await rowOf(first.phone)).id).not.toBe(id);
  });
});

describe('an account whose phone nothing had proved', () => {
  async function anAmbush() {
    const attacker = await aCustomer(identity, { phone: aPhone() });
    const other = await logIn(identity, attacker);
    coolDown();
    const victim = await aSignUp(identity, { phone: attacker.phone, info: { firstName: 'Анна' } });
    return { attacker, other, victim };
  }

  test('is its owner’s alone from then on: sessions and the password are worth nothing', async () => {
    const { attacker, other, victim } = await anAmbush();
    const row = await rowOf(attacker.phone);
    expect(row).toMatchObject({ id: attacker.id, number: BigInt(victim.id), passwordHash: null, firstName: 'Анна' });
    expect(row).toMatchObject({ email: attacker.email, emailVerifiedAt: null, phoneVerifiedAt: expect.any(Date) });
    for (const { refreshToken } of [attacker, other]) {
      expect((await identity.call('POST', '/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    }
    await expect(logIn(identity, attacker)).rejects.toThrow('401');
    expect((await identity.call('GET', '/me', { token: await tokenOf(identity, victim) })).body.id).toBe(attacker.id);
  });

  test('tells each change once, by versions without a gap, and writes down who did it', async () => {
    const { attacker } = await anAmbush();
    expect(await toldOf(attacker.id)).toEqual([
      { told: 'customer.registered', version: 1, reason: undefined },
      { told: 'customer.changed', version: 2, reason: undefined },
      { told: 'session.revoked', version: 1, reason: 'phone_proved' },
      { told: 'session.revoked', version: 1, reason: 'phone_proved' },
      { told: 'customer.phone-verified', version: 3, reason: undefined },
    ]);
    const proof = (await actsOn(attacker.id)).find(({ act }) => act === 'phone.proved');
    expect(proof).toMatchObject({ actorRole: 'customer', actorId: attacker.id, facts: { sessions: 2 } });
  });

  test('says so to the phone, and to the address that it has', async () => {
    const { attacker } = await anAmbush();
    expect(await identity.mailTo(attacker.email)).toMatchObject([
      { channel: 'email', subject: 'Номер телефону вашого облікового запису підтверджено' },
    ]);
    const texts = (await identity.mailTo(attacker.phone)).map(({ channel, text }) => `${channel}: ${text}`);
    expect(texts).toContainEqual(expect.stringMatching(/^sms: Ваш номер підтверджено.+старий пароль не діє/));
  });

  test('gives no link to its address any more, but to its phone; and then opens by both', async () => {
    const { attacker } = await anAmbush();
    const before = await identity.mailTo(attacker.email);
    await forget(attacker.email);
    expect(await identity.mailTo(attacker.email)).toEqual(before);
    const token = await linkTo(attacker.phone);
    const body = { token, newPassword: 'four white storks' };
    expect((await identity.call('POST', '/auth/reset-password', { body })).status).toBe(201);
    await logIn(identity, { ...attacker, password: 'four white storks' });
    expect(await rowOf(attacker.phone)).toMatchObject({ emailVerifiedAt: null });
  });

  test('gives no link to that address either once its owner has another phone, which nothing proves', async () => {
    const { attacker, victim } = await anAmbush();
    const { uuid } = await rowOf(attacker.phone);
    const body = { phone_number: aPhone() };
    const changed = await identity.call('PATCH', `/api/v1/clients/${uuid}/phone_number`, {
      token: await tokenOf(identity, victim),
      body,
    });
    expect(changed.status).toBe(200);
    await forget(attacker.email);
    expect(await linkTo(attacker.email)).toBeUndefined();
    expect(await linkTo(attacker.phone)).toBeUndefined();
    expect(await linkTo(body.phone_number)).toBeUndefined();
  });

  test('does not send a link either that was asked for before, and waited', async () => {
    const attacker = await aCustomer(identity, { phone: aPhone() });
    const { id, code } = await aSubmission(identity, { phone: attacker.phone });
    await forget(attacker.email);
    expect((await app.confirm(id, code)).status).toBe(200);
    expect(await linkTo(attacker.email)).toBeUndefined();
  });

  test('makes a link worth nothing that was sent before', async () => {
    const attacker = await aCustomer(identity, { phone: aPhone() });
    await forget(attacker.email);
    const token = await linkTo(attacker.email);
    await aSignUp(identity, { phone: attacker.phone });
    const body = { token, newPassword: 'four white storks' };
    expect((await identity.call('POST', '/auth/reset-password', { body })).status).toBe(400);
  });

  test('keeps a role from whoever owns the phone: they have an account of their own', async () => {
    const operator = await anOperator(identity);
    coolDown();
    const { id } = await aSignUp(identity, { phone: operator.phone });
    const owner = await rowOf(operator.phone);
    expect(owner).toMatchObject({ number: BigInt(id), roles: [] });
    expect(owner.id).not.toBe(operator.id);
    const kept = await identity.call('GET', `/admin/customers/${operator.id}`, { token: operator.accessToken });
    expect(kept.body).toMatchObject({ phone: null, email: operator.email, roles: ['operator'] });
    expect((await identity.mailTo(operator.email)).length).toBe(1);
  });
});

test('a phone that was proved before opens the account, and ends nothing', async () => {
  const first = await aSignUp(identity);
  const { id } = await rowOf(first.phone);
  const before = await toldOf(id);
  coolDown();
  await aSignUp(identity, { phone: first.phone });
  expect((await identity.call('GET', '/me', { token: await tokenOf(identity, first) })).status).toBe(200);
  expect(await toldOf(id)).toEqual(before);
});

describe('at once', () => {
  test('two proofs of one phone make one customer with two devices', async () => {
    for (let round = 0; round < 5; round += 1) {
      const first = await aSubmission(identity);
      coolDown();
      const second = await aSubmission(identity, { phone: first.phone });
      const answers = await Promise.all([app.confirm(first.id, first.code), app.confirm(second.id, second.code)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers[0]?.body.id).toBe(answers[1]?.body.id);
      const { id } = await rowOf(first.phone);
      expect(await identity.deps.db.deviceKey.count({ where: { session: { customerId: id, endedAt: null } } })).toBe(2);
      expect((await toldOf(id)).map(({ version }) => version)).toEqual([1, 2]);
    }
  });

  test('a proof and a registration of one phone: one customer, and whoever comes second is told', async () => {
    const winners = new Set<string>();
    for (let round = 0; round < 8; round += 1) {
      const { phone, id, code } = await aSubmission(identity);
      const body = aRegistration({ phone });
      const [registered, confirmed] = await Promise.all([
        identity.call('POST', '/auth/register', { body }),
        new Promise((resolve) => setImmediate(resolve)).then(() => app.confirm(id, code)),
      ]);
      expect(confirmed.status).toBe(200);
      const row = await rowOf(phone);
      expect(row).toMatchObject({ number: BigInt(confirmed.body.id), phoneVerifiedAt: expect.any(Date) });
      if (registered.status === 201) {
        winners.add('registration');
        expect([row.id, row.passwordHash]).toEqual([registered.body.customer.id, null]);
        await expect(logIn(identity, body)).rejects.toThrow('401');
      } else {
        winners.add('proof');
        expect(registered.status).toBe(409);
        expect(row.email).toBeNull();
      }
      expect((await toldOf(row.id)).filter(({ told }) => told === 'customer.registered')).toHaveLength(1);
    }
    expect(winners.size).toBeGreaterThan(0);
  });
});
