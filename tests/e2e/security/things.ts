import { randomUUID } from 'node:crypto';
import { until } from '@forecourt/testing';
import { expect } from 'vitest';
import { aBay, payIn } from '../bay.ts';
import { aCategory, aDiscount, aManufacturer, aProduct, type Made } from '../catalogue.ts';
import { aColleague, operate, operatorReads } from '../operator.ts';
import { lineOf, type OrderBody, orderFor, placedOrder } from '../orders.ts';
import { aCustomer, type Person } from '../people.ts';
import { system } from '../running-system.ts';
import { gateway, type HttpClient } from '../storefront-client.ts';
import type { Order, Product } from '../storefront-shapes.ts';

/** What the rows of the matrix need to speak of. */
export interface Things {
  product: Product;
  category: Made;
  /** To be changed, and then removed. */
  spare: {
    product: Product;
    category: Made;
    manufacturer: Made;
    country: { id: string };
    discount: { id: string };
  };
  /** Of `customer`, whom others try to hear of. */
  order: Order;
  guest: { phone: string; clientId: string };
  anOrder(): OrderBody;
  /** Of a country that there is none of yet. */
  freeCode: string;
  /** Nobody's app. */
  appProfile: { id: string };
  /** Nobody's programs, of which operators revoke one for good. */
  serviceAccount: { id: string; spare: string };
  /** A wallet that was given something, and what another operator proposes about it. */
  ledger: { accountId: string; transferId: string; toApprove: string; toReject: string };
  /** With one device, and room for more. */
  station: { id: string; deviceId: string; freeConnector(): number };
  /** A charge that `customer` has paid for, what its station said that fits nothing, and a card of the victim's. */
  charge: { purchaseId: string; deviceId: string; suspectCallId: string; cardId: string };
  /** Whose account operators look into. */
  victim: Person['customer'];
  /** Good for signing in, again and again. */
  login: { login: string; password: string; clientId: string };
  refreshToken: string;
  /** What partners know of `customer`. */
  client: { id: string; number: number; phone: string; password: string };
}

export async function makeThings(
  customer: Person,
  client: HttpClient = gateway,
  origin: string = system.gatewayUrl,
): Promise<Things> {
  const [category, spareCategory, manufacturer] = await Promise.all([
    aCategory({}, client),
    aCategory({}, client),
    aManufacturer(client),
  ]);
  const [product, spareProduct] = [await aProduct({ categoryId: category.id }, client), await aProduct({}, client)];
  const guest = orderFor([lineOf(product)]);
  await placedOrder(guest, {}, client);
  const [victim, somebody] = [await aCustomer({}, client), await aCustomer({}, client)];
  const [code, freeCode] = await freeCountryCodes(client);
  const { email, password, clientId } = somebody.registration;
  return {
    product,
    category,
    spare: {
      product: spareProduct,
      category: spareCategory,
      manufacturer,
      country: await operate<Made>(
        'post',
        '/admin/countries',
        { code, name: { uk: randomUUID() }, active: false },
        client,
      ),
      discount: await aDiscount({ type: 'percent', value: 1, productId: spareProduct.id }, client),
    },
    order: await placedOrder(orderFor([lineOf(product)]), customer.auth, client),
    guest: { phone: guest.phone, clientId: guest.clientId },
    anOrder: () => orderFor([lineOf(product)]),
    freeCode,
    appProfile: await operate<{ id: string }>(
      'post',
      '/admin/app-profiles',
      { id: randomUUID(), name: 'Things' },
      client,
    ),
    serviceAccount: { id: await aServiceAccount(client), spare: await aServiceAccount(client) },
    ledger: await aLedger(victim.customer.id, client),
    station: await aStation(client),
    charge: {
      ...(await aCharge(customer, client, origin)),
      cardId: await aCardOf(victim.customer.id, client),
    },
    victim: victim.customer,
    login: { login: email, password, clientId },
    refreshToken: somebody.tokens.refreshToken,
    client: {
      ...(await namesOf(customer, client)),
      phone: customer.customer.phone,
      password: customer.registration.password,
    },
  };
}

/** What partners, and what subscribers, know them by. */
async function namesOf({ customer }: Person, client: HttpClient): Promise<{ id: string; number: number }> {
  const names = await operatorReads<{ uuid: string; number: string | number }>(
    `/admin/customers/${customer.id}`,
    client,
  );
  return { id: names.uuid, number: Number(names.number) };
}

async function aServiceAccount(client: HttpClient): Promise<string> {
  const wish = { name: randomUUID(), roles: ['partner'] };
  return (await operate<{ account: Made }>('post', '/admin/service-accounts', wish, client)).account.id;
}

async function aStation(client: HttpClient): Promise<Things['station']> {
  const { id } = await operate<Made>('post', '/admin/stations', { identity: randomUUID() }, client);
  const place = { longitude: 106.9, latitude: 47.9, price: 1, waitingPrice: 1 };
  const device = { stationId: id, connector: 1, number: randomUUID(), ...place };
  const { id: deviceId } = await operate<Made>('post', '/admin/devices', device, client);
  let connectors = 1;
  const freeConnector = () => {
    connectors += 1;
    return connectors;
  };
  return { id, deviceId, freeConnector };
}

/** Of a station that leaves afterwards, so that nothing of it moves any more. */
async function aCharge(
  { auth }: Person,
  client: HttpClient,
  origin: string,
): Promise<Omit<Things['charge'], 'cardId'>> {
  await payIn({ token: auth.bearer }, 1_000, client);
  const { station, stationId, deviceId } = await aBay({ client, origin });
  try {
    const press = async (what: 'start' | 'finish') => {
      const answer = await client.post<{ id: string }>(`/api/devices/${deviceId}/${what}`, undefined, auth);
      expect(answer.status, answer.text).toBe(200);
      return answer.body;
    };
    await press('start');
    await until(() => (station.charges[0]?.energyWh ?? 0) > 100);
    const { id: purchaseId } = await press('finish');
    await until(() => station.charges[0]?.flow === 'stopped');
    station.outlet().unplug();
    await station.call('StopTransaction', {
      transactionId: 2 ** 31 - 1,
      meterStop: 1,
      timestamp: new Date().toISOString(),
    });
    await station.settled();
    const isPaid = async () => {
      const session = await operatorReads<{ amount: number; paid: number }>(`/admin/sessions/${purchaseId}`, client);
      return session.paid > 0 && session.paid === session.amount;
    };
    await until(isPaid, { timeoutMs: 30_000 });
    const suspects = `/admin/suspect-calls?stationId=${stationId}`;
    const call = async () => (await operatorReads<{ items: Made[] }>(suspects, client)).items[0];
    // Else it would be out of order some minutes after its station has left.
    await operate('patch', `/admin/devices/${deviceId}`, { inRepair: true }, client);
    return { purchaseId, deviceId, suspectCallId: (await until(call)).id };
  } finally {
    await station.close();
  }
}

const aCardOf = async (customerId: string, client: HttpClient): Promise<string> =>
  (await operate<Made>('post', '/admin/cards', { token: randomUUID(), customerId }, client)).id;

async function aLedger(customerId: string, client: HttpClient): Promise<Things['ledger']> {
  const colleague = await aColleague(client);
  const accountId = `wallet:${customerId}:UAH`;
  const propose = async (): Promise<string> => {
    const proposal = { key: randomUUID(), accountId, amount: 10, reason: 'A bonus' };
    const { status, body, text } = await client.post<Made>('/admin/ledger/adjustments', proposal, colleague);
    expect(status, text).toBe(201);
    return body.id;
  };
  const approved = `/admin/ledger/adjustments/${await propose()}/approve`;
  const { transferId } = await operate<{ transferId: string }>('post', approved, undefined, client);
  return { accountId, transferId, toApprove: await propose(), toReject: await propose() };
}

/** ISO 3166 leaves these to whoever wants one for themselves. */
async function freeCountryCodes(client: HttpClient): Promise<[string, string]> {
  const countries = await operatorReads<{ code: string }[]>('/admin/countries', client);
  const codes = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter) => `X${letter}`);
  const [one, other] = codes.filter((free) => !countries.some(({ code }) => code === free));
  return [one ?? '', other ?? ''];
}
