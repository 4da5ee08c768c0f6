import { until } from '@forecourt/testing';
import { describe, expect, test } from 'vitest';
import { aProduct, changeProduct } from '../catalogue.ts';
import { codeTo } from '../codes.ts';
import { messageSaying } from '../mailbox.ts';
import { operatorReads } from '../operator.ts';
import { gateway } from '../storefront-client.ts';
import { aPackage, aSubscribed, guest, order, orderAsClient, readClient, verificationOf } from './packages.ts';
import { aSignedInSubscriber, done, type Envelope, refused, validate } from './site.ts';

const inE164 = ({ phoneNumber }: { phoneNumber: number }) => `+995${phoneNumber}`;
const numberOf = async (id: string) => (await operatorReads<{ number: number }>(`/admin/products/${id}`)).number;
/** No package. */
const aPlainProduct = async (): Promise<{ id: string; title: string }> => {
  const { id, title } = await aProduct({ price: 70 });
  return { id: String(id), title: String(title) };
};
const bearerOf = ({ headers }: { headers: Headers }) => String(headers.get('authorization')).replace('Bearer ', '');

describe('POST /order of a guest', () => {
  test('answers as the document prints it, and a code confirms it: the client it made signs in and has it', async () => {
    const { number } = await aPackage({ price: 0 });
    const wish = guest(number);
    const answer = await order(wish);
    const clientId = answer.body.data.clientId as number;
    expect(answer.text).toBe(`{"data":{"clientId":${clientId}},"success":true,"errorCode":0}`);
    const verification = verificationOf(answer);
    expect(answer.headers.getSetCookie()).toEqual([
      `verification=${verification}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax`,
    ]);
    const code = Number(await codeTo(inE164(wish)));
    const entered = await validate(code, { headers: { cookie: `verification=${verification}` } });
    expect([entered.status, entered.body]).toEqual([200, done]);
    const bearer = bearerOf(entered);
    await until(async () => (await readClient(clientId, { bearer })).body.data.isActive);
    expect((await readClient(clientId, { bearer })).body.data).toEqual({
      isActive: true,
      balance: 0,
      expireDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      products: [number],
    });
  });

  test('is confirmed by the code alone, and of a phone that is known says no number', async () => {
    const { number } = await aPackage();
    const wish = guest(number);
    const first = await order(wish);
    const code = Number(await codeTo(inE164(wish)));
    const entered = await validate(code);
    expect([entered.status, entered.body]).toEqual([200, done]);
    expect((await order({ ...wish, firstName: 'ნინო', fisrtName: undefined })).body).toEqual(done);
    const bearer = bearerOf(entered);
    const clientId = first.body.data.clientId as number;
    // With too little in the wallet it is inactive, and there.
    await until(async () => {
      const { body } = await gateway.get<{ total: number }>('/me/subscriptions', { bearer });
      return body.total === 1;
    });
    expect((await readClient(clientId, { bearer })).body.data).toMatchObject({ isActive: false, products: [] });
  });

  test.each([
    ['malformed JSON', '{"isUser":', ['body']],
    ['nothing', '', ['body']],
    ['a list', '[1]', ['body']],
    ['neither guest nor user', '{"productId":1}', ['isUser']],
    ['a phone with its country', guest(1, { phoneNumber: 995_555_123_456 }), ['phoneNumber']],
    ['a text for a number', guest(1, { personalNumber: '01024012345' }), ['personalNumber']],
    ['no name', guest(1, { fisrtName: undefined }), ['fisrtName']],
    ['a field of the other kind', guest(1, { clientId: 1 }), ['clientId']],
  ])('says which input is bad: %s', async (_, wish, fields) => {
    const { status, body, headers } = await gateway.post('/order', wish);
    expect([status, body]).toEqual([400, refused(1, fields)]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('says that there is no such product: none with this number, and one that is hidden', async () => {
    const hidden = await aPackage();
    await order(guest(hidden.number));
    await changeProduct(hidden, { active: false });
    const tried = () => gateway.post<Envelope>('/order', guest(hidden.number));
    await until(async () => (await tried()).status === 404);
    for (const number of [hidden.number, 2_000_000_000]) {
      const { status, body } = await gateway.post('/order', guest(number));
      expect([status, body]).toEqual([404, refused(7)]);
    }
  });
});

describe('POST /order of a client', () => {
  test('answers as the document prints it', async () => {
    const { number } = await aPackage();
    const { clientId, token } = await aSignedInSubscriber();
    const answer = await order({ isUser: true, clientId, productId: number }, { bearer: token });
    expect(answer.text).toBe('{"data":{},"success":true,"errorCode":0}');
  });

  test('says who is not signed in, and whose number it is not', async () => {
    const { number: productId } = await aPackage();
    const [one, other] = [await aSignedInSubscriber(), await aSignedInSubscriber()];
    const wish = { isUser: true, clientId: one.clientId, productId };
    const nobody = await gateway.post('/order', wish);
    expect([nobody.status, nobody.body]).toEqual([401, refused(9)]);
    const another = await gateway.post('/order', wish, { bearer: other.token });
    expect([another.status, another.body]).toEqual([403, refused(10)]);
  });

  test('of what is no package is an order like any other, once', async () => {
    const { id } = await aPlainProduct();
    const subscriber = await aSignedInSubscriber();
    await orderAsClient(subscriber, await numberOf(id), { count: 2 });
    const mine = async () =>
      (
        await gateway.get<{ items: { total: number; items: { productId: string }[] }[] }>('/me/orders', {
          bearer: subscriber.token,
        })
      ).body;
    await until(async () => (await mine()).items.length === 1);
    expect((await mine()).items).toMatchObject([{ total: 70, items: [{ productId: id }] }]);
  });

  test('that cannot be placed any more is told to its customer', async () => {
    const { id, title } = await aPlainProduct();
    const number = await numberOf(id);
    const { clientId, phone, token } = await aSignedInSubscriber();
    const answer = await order({ isUser: true, clientId, productId: number }, { bearer: token });
    await changeProduct({ id }, { active: false });
    await until(async () => (await gateway.post('/order', guest(number))).status === 404);
    const code = Number(await codeTo(phone, gateway, 2));
    await validate(code, { headers: { 'x-verification': verificationOf(answer) } });
    await messageSaying(phone, title);
  });

  test('twice at once is two codes, and each confirms its own', async () => {
    const { number } = await aPackage({ price: 0, period: { unit: 'day', count: 1 }, renews: false });
    const subscriber = await aSubscribed({ number });
    await orderAsClient(subscriber, number, { count: 3 });
    const dayMs = 24 * 3_600_000;
    await until(async () => {
      const { body } = await readClient(subscriber.clientId, { bearer: subscriber.token });
      return Date.parse(body.data.expireDate ?? '') - Date.now() > dayMs;
    });
  });
});
