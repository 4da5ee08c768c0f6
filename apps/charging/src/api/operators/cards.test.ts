import { afterAll, beforeAll, expect, test } from 'vitest';
import { anId } from '../../../test/builders.ts';
import { openSite, type Site } from '../../../test/site.ts';

let site: Site;
let operator: Record<string, string>;
beforeAll(async () => {
  site = await openSite();
  operator = await site.asOperator();
});
afterAll(() => site.close());

const aToken = () => `04a2${anId().slice(-10)}`;
const add = (body: Record<string, unknown>) => site.post('/admin/cards', body, operator);

test('a card is kept as stations send it, in upper case, and found in any', async () => {
  const [token, customerId] = [aToken(), anId()];
  const { status, body } = await add({ token, customerId, groupToken: 'fleet-7', label: 'Van' });
  expect([status, body.token, body.groupToken]).toEqual([201, token.toUpperCase(), 'FLEET-7']);
  expect((await site.get(`/admin/cards?token=${token}`, operator)).body.items).toEqual([body]);
  expect((await site.get(`/admin/cards?customerId=${customerId}`, operator)).body.items).toEqual([body]);
  expect((await site.get(`/admin/cards/${body.id}`, operator)).body).toEqual(body);
});

test('a token is on one card, whoever adds it at once and in whatever case', async () => {
  const token = aToken();
  const answers = await Promise.all(
    [token, token.toUpperCase(), token, token].map((spelling) => add({ token: spelling, customerId: anId() })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('card_taken');
});

test('a card is blocked, given an end, and forgotten; what is not said stays', async () => {
  const { body: card } = await add({ token: aToken(), customerId: anId(), label: 'Van' });
  const blocked = await site.patch(`/admin/cards/${card.id}`, { blocked: true }, operator);
  expect(blocked.body).toEqual({ ...card, blocked: true });
  const ends = await site.patch(
    `/admin/cards/${card.id}`,
    { expiresAt: '2027-01-01T00:00:00Z', groupToken: 'a' },
    operator,
  );
  expect(ends.body).toEqual({ ...card, blocked: true, expiresAt: '2027-01-01T00:00:00.000Z', groupToken: 'A' });
  expect((await site.remove(`/admin/cards/${card.id}`, operator)).status).toBe(204);
  for (const answer of [
    await site.get(`/admin/cards/${card.id}`, operator),
    await site.patch(`/admin/cards/${card.id}`, { blocked: false }, operator),
    await site.remove(`/admin/cards/${card.id}`, operator),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([404, 'card_not_found']);
  }
});

test.each([
  ['a token of 37 signs', { token: 'x'.repeat(37) }],
  ['a token with a blank', { token: 'a b' }],
  ['a customer of another form', { customerId: 'me' }],
  ['an end that is no instant', { expiresAt: 'tomorrow' }],
])('%s is refused', async (_what, wrong) => {
  expect((await add({ token: aToken(), customerId: anId(), ...wrong })).status).toBe(400);
});

test('customers have no business here', async () => {
  expect((await site.get('/admin/cards', await site.asCustomer(anId()))).status).toBe(403);
});
