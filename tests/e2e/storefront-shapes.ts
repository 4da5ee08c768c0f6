import { z } from 'zod';

/* The answers of the storefront document, key by key. Strict: a key that the document does not show is a failure. */

const ObjectId = z.string().regex(/^[0-9a-f]{24}$/);
const Timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const Amount = z.number().nonnegative();

/** Exactly eight keys. */
export const Customer = z.strictObject({
  id: ObjectId,
  phone: z.string().regex(/^\+[1-9]\d{4,14}$/),
  email: z.string().nullable(),
  name: z.string().nullable(),
  isPhoneVerified: z.boolean(),
  createdAt: Timestamp.nullable(),
  updatedAt: Timestamp.nullable(),
  lastLoginAt: Timestamp.nullable(),
});
export type Customer = z.infer<typeof Customer>;

export const Tokens = z.strictObject({
  accessToken: z.string().regex(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
  accessTokenExpiresInSec: z.int(),
  tokenType: z.literal('bearer'),
  refreshToken: z.string().min(32),
  refreshTokenExpiresInSec: z.int(),
});
export type Tokens = z.infer<typeof Tokens>;

export const SignedIn = z.strictObject({ customer: Customer, tokens: Tokens });
export type SignedIn = z.infer<typeof SignedIn>;

const OrderItem = z.strictObject({
  productId: ObjectId,
  sku: z.string(),
  quantity: z.int().positive(),
  price: Amount,
  priceOriginal: Amount.optional(),
  title: z.string(),
  options: z.record(z.string(), z.union([z.string(), z.number()])),
  manufacturerId: ObjectId.optional(),
  countryId: ObjectId.optional(),
  unit: z.string().optional(),
  discountsApplied: z
    .array(
      z.strictObject({
        discountId: ObjectId,
        name: z.string(),
        type: z.enum(['percent', 'fixed']),
        value: z.number().positive(),
        priceBefore: Amount,
        priceAfter: Amount,
      }),
    )
    .optional(),
});

export const Order = z.strictObject({
  _id: ObjectId,
  phone: z.string(),
  clientId: z.string(),
  customerId: ObjectId.optional(),
  items: z.array(OrderItem).min(1),
  itemsTotal: Amount,
  deliveryFee: Amount,
  total: Amount,
  status: z.enum(['new', 'processing', 'done', 'cancelled']),
  name: z.string().optional(),
  comment: z.string().optional(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Order = z.infer<typeof Order>;

const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: z.array(item), page: z.int(), limit: z.int(), total: z.int() });

export const OrderPage = pageOf(Order);
export type OrderPage = z.infer<typeof OrderPage>;

/** A product has at least these; the document allows more. */
export const Product = z.looseObject({
  id: ObjectId,
  number: z.int().positive(),
  slug: z.string(),
  sku: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  price: Amount,
  priceOriginal: Amount.optional(),
  currency: z.literal('UAH'),
  unit: z.string().nullable(),
  category: z.unknown().refine((value) => value !== undefined),
  categoryId: ObjectId.nullable(),
  manufacturerId: ObjectId.nullable(),
  countryId: ObjectId.nullable(),
  tags: z.array(z.string()),
  images: z.array(z.unknown()),
  options: z.array(z.unknown()),
  inStock: z.boolean(),
  discounts: z.array(z.unknown()).optional(),
});
export type Product = z.infer<typeof Product>;

export const ProductPage = pageOf(Product);
export type ProductPage = z.infer<typeof ProductPage>;

const reasons = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
} as const;

export type RefusedWith = keyof typeof reasons;

/** The document's error body: exactly three keys, `error` being the standard reason phrase. */
export const refusal = <Message>(statusCode: RefusedWith, message: Message) => ({
  statusCode,
  message,
  error: reasons[statusCode],
});

export interface Refusal<Message = string> {
  statusCode: number;
  message: Message;
  error: string;
}
