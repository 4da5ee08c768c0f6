import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { operate, operatorRemoves } from './operator.ts';
import { gateway, type HttpClient } from './storefront-client.ts';
import type { Product } from './storefront-shapes.ts';

/* What the shop sells, made by an operator's hands: the same doors under /admin that operators use. */

export interface Made {
  id: string;
  slug: string;
}

export interface ProductWishes {
  title?: string;
  titleRu?: string;
  titleEn?: string;
  description?: string;
  /** Major units. */
  price?: number;
  unit?: string;
  categoryId?: string;
  manufacturerId?: string;
  countryId?: string;
  tags?: string[];
  options?: { name: string; values: (string | number)[] }[];
}

export interface DiscountWishes {
  name?: string;
  type: 'percent' | 'fixed';
  /** Per cent, or major units. */
  value: number;
  categoryId?: string;
  productId?: string;
  from?: Date;
  to?: Date;
}

const unique = () => randomBytes(5).toString('hex');

/** The product as the shop shows it. */
export async function seenProduct(idOrSlug: string, client: HttpClient = gateway): Promise<Product> {
  const answer = await client.get<Product>(`/products/${idOrSlug}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

/** A product in a category of its own unless told, as the shop shows it. */
export async function aProduct(wishes: ProductWishes = {}, client: HttpClient = gateway): Promise<Product> {
  const { title = `Товар ${unique()}`, titleRu, titleEn, description, price = 100, categoryId, ...rest } = wishes;
  const { id } = await operate<Made>(
    'post',
    '/admin/products',
    {
      sku: `SKU-${unique()}`,
      slug: `product-${unique()}`,
      title: { uk: title, ...(titleRu && { ru: titleRu }), ...(titleEn && { en: titleEn }) },
      ...(description && { description: { uk: description } }),
      price,
      categoryId: categoryId ?? (await aCategory({}, client)).id,
      ...rest,
    },
    client,
  );
  return seenProduct(id, client);
}

export const changeProduct = (
  { id }: { id: string },
  change: { price?: number; active?: boolean; title?: { uk: string } },
  client: HttpClient = gateway,
): Promise<unknown> => operate('patch', `/admin/products/${id}`, change, client);

export const removeProduct = ({ id }: { id: string }, client: HttpClient = gateway): Promise<void> =>
  operatorRemoves(`/admin/products/${id}`, client);

export const aCategory = (wishes: { parentId?: string } = {}, client: HttpClient = gateway): Promise<Made> =>
  operate(
    'post',
    '/admin/categories',
    { slug: `category-${unique()}`, name: { uk: `Категорія ${unique()}` }, ...wishes },
    client,
  );

export const aManufacturer = (client: HttpClient = gateway): Promise<Made> =>
  operate('post', '/admin/manufacturers', { slug: `maker-${unique()}`, name: { uk: `Виробник ${unique()}` } }, client);

/** Some country: there are only so many codes, so tests share what is there. */
export async function aCountry(client: HttpClient = gateway): Promise<{ id: string }> {
  const { body } = await client.get<{ id: string }[]>('/countries');
  return body[0] ?? operate('post', '/admin/countries', { code: 'JP', name: { uk: 'Японія' } }, client);
}

export const aDiscount = (
  { name = `Знижка ${unique()}`, type, value, productId, categoryId, from, to }: DiscountWishes,
  client: HttpClient = gateway,
): Promise<{ id: string }> =>
  operate(
    'post',
    '/admin/discounts',
    {
      name,
      type,
      value,
      scope: productId ? 'product' : categoryId ? 'category' : 'everything',
      ...((productId ?? categoryId) && { targetId: productId ?? categoryId }),
      ...(from && { from: from.toISOString() }),
      ...(to && { to: to.toISOString() }),
    },
    client,
  );

export const endDiscount = (id: string, client: HttpClient = gateway): Promise<unknown> =>
  operate('patch', `/admin/discounts/${id}`, { active: false }, client);
