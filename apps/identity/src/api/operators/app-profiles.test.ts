import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anOperator, type SignedIn } from '../../../test/builders.ts';
import type { TestIdentity } from '../../../test/identity.ts';
import { appOf, aSignUp, startWithDemoApp, tokenOf } from '../../../test/mobile.ts';
import { makeDemoProfile } from '../../app-profile/service.ts';

let identity: TestIdentity;
let operator: SignedIn;
beforeAll(async () => {
  identity = await startWithDemoApp();
  operator = await anOperator(identity);
});
afterAll(() => identity.close());

const profiles = '/admin/app-profiles';
const ask = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) =>
  identity.call(method, path, { token: operator.accessToken, body });
const make = (wishes: Record<string, unknown> = {}) =>
  ask('POST', profiles, { id: randomUUID(), name: 'Водитель', ...wishes });
const actsOn = async (profileId: string) =>
  (
    await identity.deps.db.auditEntry.findMany({
      where: { act: { startsWith: 'app_profile.' } },
      orderBy: { id: 'asc' },
    })
  )
    .filter(({ facts }) => (facts as { profileId: string }).profileId === profileId)
    .map(({ act, actorRole, actorId, facts }) => ({ act, actorRole, actorId, facts }));

describe('an app', () => {
  test('is made, is found, and may sign requests from then on', async () => {
    const made = await make({ region: 'MN', codeDigits: 4 });
    const now = identity.deps.clock().toISOString();
    const profile = {
      id: made.body.id,
      name: 'Водитель',
      region: 'MN',
      codeDigits: 4,
      blockedAt: null,
      createdAt: now,
      updatedAt: now,
      devices: 0,
    };
    expect(made).toMatchObject({ status: 201, body: profile });
    expect(await ask('GET', `${profiles}/${made.body.id}`)).toMatchObject({ status: 200, body: profile });
    expect((await appOf(identity, { 'hive-profile': made.body.id }).get('/time')).status).toBe(200);
    expect(await actsOn(made.body.id)).toEqual([
      { act: 'app_profile.made', actorRole: 'operator', actorId: operator.id, facts: { profileId: made.body.id } },
    ]);
  });

  test('is from Russia and sends six digits unless told', async () => {
    expect((await make()).body).toMatchObject({ region: 'RU', codeDigits: 6 });
  });

  test('has an id that is its own', async () => {
    const { id } = (await make()).body;
    expect(await make({ id })).toMatchObject({ status: 409, body: { code: 'app_profile_taken' } });
    expect(await make({ id: 'demo' })).toMatchObject({ status: 409 });
    const answers = await Promise.all(Array.from({ length: 4 }, () => make({ id: 'at-once' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  test.each([
    [{ id: '' }, '/id'],
    [{ id: 'a b' }, '/id'],
    [{ id: 'a/b' }, '/id'],
    [{ id: '..' }, '/id'],
    [{ id: 'x'.repeat(65) }, '/id'],
    [{ id: 'додаток' }, '/id'],
    [{ name: '' }, '/name'],
    [{ region: 'XX' }, '/region'],
    [{ region: 'ru' }, '/region'],
    [{ codeDigits: 3 }, '/codeDigits'],
    [{ codeDigits: 9 }, '/codeDigits'],
    [{ codeDigits: '6' }, '/codeDigits'],
    [{ blockedAt: null }, '/blockedAt'],
  ])('is not made with %j', async (wishes, pointer) => {
    const { status, body } = await make(wishes);
    expect([status, body.violations.map((one: { pointer: string }) => one.pointer)]).toEqual([400, [pointer]]);
  });

  test('changes by what is sent, and a change that is none is not written down', async () => {
    const { id } = (await make()).body;
    identity.runtime.clock.advance(1000);
    const changed = await ask('PATCH', `${profiles}/${id}`, { name: 'Інший', codeDigits: 5 });
    expect(changed).toMatchObject({ status: 200, body: { name: 'Інший', codeDigits: 5, region: 'RU' } });
    expect(changed.body.updatedAt).toBe(identity.deps.clock().toISOString());
    await ask('PATCH', `${profiles}/${id}`, { name: 'Інший' });
    await ask('PATCH', `${profiles}/${id}`, {});
    expect((await actsOn(id)).map(({ act, facts }) => [act, (facts as { fields?: string[] }).fields])).toEqual([
      ['app_profile.made', undefined],
      ['app_profile.changed', ['name', 'codeDigits']],
    ]);
    expect((await ask('PATCH', `${profiles}/${id}`, { id: 'another' })).status).toBe(400);
  });

  test('keeps its devices while it is blocked, and their signatures are good again afterwards', async () => {
    const signedUp = await aSignUp(identity);
    expect((await ask('POST', `${profiles}/demo/block`)).body).toMatchObject({ blockedAt: expect.any(String) });
    expect(await appOf(identity).get('/time')).toMatchObject({ status: 400, body: { code: -10006 } });
    await expect(tokenOf(identity, signedUp)).rejects.toMatchObject({ code: 'app_profile_unknown' });
    expect((await ask('GET', `${profiles}/demo`)).body.devices).toBeGreaterThanOrEqual(1);

    expect((await ask('POST', `${profiles}/demo/unblock`)).body).toMatchObject({ blockedAt: null });
    expect((await appOf(identity).get('/time')).status).toBe(200);
    expect(await tokenOf(identity, signedUp)).toEqual(expect.any(String));
    expect((await actsOn('demo')).map(({ act, actorRole }) => [act, actorRole])).toEqual([
      ['app_profile.made', 'system'],
      ['app_profile.changed', 'operator'],
      ['app_profile.changed', 'operator'],
    ]);
  });

  test('that nobody made is a 404, whatever is asked of it', async () => {
    const gone = { status: 404, body: { code: 'app_profile_not_found' } };
    expect(await ask('GET', `${profiles}/none`)).toMatchObject(gone);
    expect(await ask('PATCH', `${profiles}/none`, { name: 'x' })).toMatchObject(gone);
    for (const verb of ['block', 'unblock']) expect(await ask('POST', `${profiles}/none/${verb}`)).toMatchObject(gone);
  });
});

test('the list is by name, a page at a time, with the devices of each', async () => {
  for (const name of ['Я', 'Б']) await make({ name });
  const all = (await ask('GET', `${profiles}?limit=100`)).body;
  expect(all.items.map(({ name }: { name: string }) => name).sort()).toHaveLength(all.total);
  const paged = (await ask('GET', `${profiles}?page=2&limit=1`)).body;
  expect(paged).toMatchObject({ page: 2, limit: 1, total: all.total, items: [all.items[1]] });
  expect((await ask('GET', `${profiles}?limit=101`)).status).toBe(400);
});

test('the demo app stays as an operator has left it', async () => {
  await ask('PATCH', `${profiles}/demo`, { name: 'Моя' });
  await Promise.all([makeDemoProfile(identity.deps), makeDemoProfile(identity.deps)]);
  expect((await ask('GET', `${profiles}/demo`)).body.name).toBe('Моя');
});
