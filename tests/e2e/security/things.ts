import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { aCategory, aDiscount, aManufacturer, aProduct, type Made } from '../catalogue.ts';
import { aColleague, operate, operatorReads } from '../operator.ts';
import { lineOf, type OrderBody, orderFor, placedOrder } from '../orders.ts';
import { aCustomer, type Person } from '../people.ts';
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
  /** A wallet that was given something, and what another operator proposes about it. */
  ledger: { accountId: string; transferId: string; toApprove: string; toReject: string };
  /** Whose account operators look into. */
  victim: Person['customer'];
  /** Good for signing in, again and again. */
  login: { login: string; password: string; clientId: string };
  refreshToken: string;
  /** What partners know of `customer`. */
  client: { id: string; phone: string; password: string };
}

export async function makeThings(customer: Person, client: HttpClient = gateway): Promise<Things> {
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
      country: await operate<Made>('post', '/admin/countries', {
        code,
        name: { uk: randomUUID() },
        active: false,
      }),
      discount: await aDiscount({ type: 'percent', value: 1, productId: spareProduct.id }, client),
    },
    order: await placedOrder(orderFor([lineOf(product)]), customer.auth, client),
    guest: { phone: guest.phone, clientId: guest.clientId },
    anOrder: () => orderFor([lineOf(product)]),
    freeCode,
    appProfile: await operate<{ id: string }>('post', '/admin/app-profiles', { id: randomUUID(), name: 'Things' }),
    ledger: await aLedger(victim.customer.id, client),
    victim: victim.customer,
    login: { login: email, password, clientId },
    refreshToken: somebody.tokens.refreshToken,
    client: {
      id: (await operatorReads<{ uuid: string }>(`/admin/customers/${customer.customer.id}`, client)).uuid,
      phone: customer.customer.phone,
      password: customer.registration.password,
    },
  };
}

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
