import { AppError } from '@forecourt/errors';
import { countStatements } from '@forecourt/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anId, aPackage } from '../../test/builders.ts';
import { type Club, day, openClub } from '../../test/club.ts';

let club: Club;
const monthly = aPackage({ number: 501 });
const hidden = aPackage({ number: 502, active: false });
beforeAll(async () => {
  club = await openClub();
  await club.sell(monthly, hidden);
});
afterAll(() => club.close());
beforeEach(() => {
  club.people.refusal = null;
});

const guest = (wishes: Record<string, unknown> = {}) => ({
  isUser: false,
  fisrtName: 'ნინო',
  lastName: 'ბერიძე',
  personalNumber: 1_024_012_345,
  phoneNumber: 555_123_456,
  productId: 501,
  ...wishes,
});
const order = (body: unknown, headers: Record<string, string> = {}) => club.post('/order', body, headers);
const refusal = (errorCode: number, data: object = {}) => ({ data, success: false, errorCode });

describe('an order of a guest', () => {
  test('makes a client when the phone has none, says its number, and names the code in cookie and header', async () => {
    const answer = await order(guest());
    const [enrolled, code] = [club.people.enrolled.at(-1), club.people.codes.at(-1)];
    expect(enrolled).toMatchObject({
      phone: '+995555123456',
      firstName: 'ნინო',
      lastName: 'ბერიძე',
      personalNumber: '01024012345',
      language: 'ka',
      address: '127.0.0.1',
    });
    const client = await club.people.find({ customerId: code?.customerId ?? '' });
    expect(answer.body).toEqual({ data: { clientId: client?.number }, success: true, errorCode: 0 });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-verification']).toBe(code?.codeRequestId);
    expect(answer.headers['set-cookie']).toBe(
      `verification=${code?.codeRequestId}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax`,
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(code).toMatchObject({ phone: '+995555123456', language: 'ka', address: '127.0.0.1' });
    expect(await club.pending(code?.reference ?? '')).toMatchObject({
      status: 'pending',
      productNumber: 501,
      price: 45_000n,
    });
  });

  test('of a phone that is known is theirs, and says no number; the name may be spelled right', async () => {
    const { phone } = club.people.person({ phone: '+995555000111' });
    const { fisrtName: _, ...rest } = guest({ phoneNumber: Number(phone?.slice(4)) });
    expect((await order({ ...rest, firstName: 'Nino' })).body).toEqual({ data: {}, success: true, errorCode: 0 });
  });

  test.each([
    ['isUser', undefined, ['isUser']],
    ['fisrtName', undefined, ['fisrtName']],
    ['fisrtName', '', ['fisrtName']],
    ['firstName', 'Twice', ['fisrtName']],
    ['lastName', 7, ['lastName']],
    ['lastName', 'a\u0000b', ['lastName']],
    ['personalNumber', 0, ['personalNumber']],
    ['personalNumber', 100_000_000_000, ['personalNumber']],
    ['personalNumber', '01024012345', ['personalNumber']],
    ['phoneNumber', 499_999_999, ['phoneNumber']],
    ['phoneNumber', '555123456', ['phoneNumber']],
    ['productId', 1.5, ['productId']],
    ['productId', 3_000_000_000, ['productId']],
    ['clientId', 7, ['clientId']],
  ])('with %s as %o says that this field is wrong, and sends no code', async (field, value, fields) => {
    const codes = club.people.codes.length;
    expect((await order(guest({ [field]: value }))).body).toEqual(refusal(1, { fields }));
    expect(club.people.codes.length).toBe(codes);
  });

  test.each(['{', '', 'null', '[]', '"x"'])('with the body %j is refused as bad input', async (body) => {
    const { status, body: answer } = await order(body, { 'content-type': 'application/json' });
    expect({ status, errorCode: answer.errorCode }).toEqual({ status: 400, errorCode: 1 });
  });

  test.each([999_999, 502])('of product %i, which nobody sells, is 7, and makes no client', async (productId) => {
    const enrolled = club.people.enrolled.length;
    const { status, body } = await order(guest({ productId }));
    expect({ status, body }).toEqual({ status: 404, body: refusal(7) });
    expect(club.people.enrolled.length).toBe(enrolled);
  });

  test('of a product that only the catalogue knows yet is an order of it', async () => {
    const news = aPackage({ number: 503 });
    club.catalogue.known = [news];
    expect((await order(guest({ productId: 503 }))).status).toBe(200);
    club.catalogue.known = [];
    club.catalogue.away = true;
    expect((await order(guest({ productId: 503 }))).status).toBe(200);
    const away = await order(guest({ productId: 504 }));
    club.catalogue.away = false;
    expect({ status: away.status, body: away.body }).toEqual({ status: 500, body: refusal(99) });
  });

  test('that is one too many is 6, with how long to wait', async () => {
    club.people.refusal = new AppError('too_many_requests', 'Later.', { retryAfterSeconds: 40 });
    const { status, headers, body } = await order(guest());
    expect({ status, body, wait: headers['retry-after'] }).toEqual({ status: 429, body: refusal(6), wait: '40' });
    expect(headers).not.toHaveProperty('set-cookie');
  });

  test('is 99 while identity is away, and says no more', async () => {
    club.people.refusal = new AppError('service_unavailable', 'nats.internal:4222');
    const { status, body } = await order(guest());
    expect({ status, body }).toEqual({ status: 500, body: refusal(99) });
  });
});

describe('an order of a client', () => {
  const own = (clientId: number) => ({ isUser: true, clientId, productId: 501 });

  test('is under their own number, and a code goes to their phone', async () => {
    const { customerId, number, phone } = club.member();
    const answer = await order(own(number), await club.asCustomer(customerId));
    expect(answer.body).toEqual({ data: {}, success: true, errorCode: 0 });
    expect(club.people.codes.at(-1)).toMatchObject({ customerId, phone });
  });

  test('under the number of another, or of nobody, is 10 alike', async () => {
    const [one, other] = [club.member(), club.member()];
    const headers = await club.asCustomer(one.customerId);
    for (const number of [other.number, 7]) {
      const { status, body } = await order(own(number), headers);
      expect({ status, body }).toEqual({ status: 403, body: refusal(10) });
    }
  });

  test('who is not signed in is 9, who is blocked 10, who has no phone 8', async () => {
    const { number } = club.member();
    expect((await order(own(number))).body).toEqual(refusal(9));
    expect((await order(own(number), { authorization: 'Bearer nonsense' })).body).toEqual(refusal(9));
    const blocked = club.people.person({ blocked: true });
    expect((await order(own(blocked.number), await club.asCustomer(blocked.customerId))).body).toEqual(refusal(10));
    const silent = club.people.person({ phone: null });
    expect((await order(own(silent.number), await club.asCustomer(silent.customerId))).body).toEqual(refusal(8));
  });

  test('is a fixed number of statements', async () => {
    const { customerId, number } = club.member();
    const headers = await club.asCustomer(customerId);
    const { statements } = await countStatements(club.runtime, () => order(own(number), headers));
    expect(statements).toHaveLength(7);
  });
});

describe('a client', () => {
  const read = async (number: number | string, headers: Record<string, string> = {}) => {
    const { status, body } = await club.get(`/client/${number}`, headers);
    return { status, body };
  };

  test('reads what is in force, until when, and what may be spent', async () => {
    const member = club.member({ funds: 100_050n });
    const headers = await club.asCustomer(member.customerId);
    const nothing = { isActive: false, balance: 1000.5, expireDate: null, products: [] };
    expect(await read(member.number, headers)).toEqual({
      status: 200,
      body: { data: nothing, success: true, errorCode: 0 },
    });
    const daily = aPackage({ number: 505, price: 10_000n }, { period: { unit: 'day', count: 7 } });
    await club.sell(daily);
    for (const product of [monthly, daily]) await club.order(member, product);
    await club.settle();
    expect((await read(member.number, headers)).body.data).toEqual({
      isActive: true,
      balance: 450.5,
      expireDate: new Date(club.runtime.clock().getTime() + 7 * day).toISOString(),
      products: [505, 501],
    });
    club.pass(400 * day);
    const later = await club.asCustomer(member.customerId);
    expect((await read(member.number, later)).body.data).toMatchObject({ isActive: false, products: [] });
  });

  test('reads nobody else: others and nobody are 10 alike; without a session 9; what is no number 1', async () => {
    const [one, other] = [club.member(), club.member()];
    const headers = await club.asCustomer(one.customerId);
    expect(await read(other.number, headers)).toEqual({ status: 403, body: refusal(10) });
    expect(await read(9, headers)).toEqual({ status: 403, body: refusal(10) });
    expect(await read(one.number)).toEqual({ status: 401, body: refusal(9) });
    expect(await read('x', headers)).toEqual({ status: 400, body: refusal(1, { fields: ['id'] }) });
    expect(await read(one.number, await club.asCustomer(anId()))).toEqual({ status: 403, body: refusal(10) });
  });

  test('is read by an operator, whoever it is; nobody is 2', async () => {
    const { number } = club.member({ funds: 500n });
    const headers = await club.asOperator();
    expect((await read(number, headers)).body.data).toMatchObject({ balance: 5 });
    expect(await read(9, headers)).toEqual({ status: 404, body: refusal(2) });
  });

  test('is one statement', async () => {
    const { customerId, number } = club.member();
    const headers = await club.asCustomer(customerId);
    const { statements } = await countStatements(club.runtime, () => read(number, headers));
    expect(statements).toHaveLength(1);
  });
});

test('a method that a path does not have is refused in the manner of the site', async () => {
  const { status, body } = await club.get('/order');
  expect({ status, body }).toEqual({ status: 405, body: refusal(1, { fields: [] }) });
});
