import type { Language } from '@forecourt/dialects';
import { AppError, type ErrorCode } from '@forecourt/errors';
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts';
import type { Customer, Identifier } from './customer.ts';

export type Db = PrismaClient | Prisma.TransactionClient;

const columns = {
  id: true,
  uuid: true,
  number: true,
  phone: true,
  phoneVerifiedAt: true,
  email: true,
  emailVerifiedAt: true,
  name: true,
  firstName: true,
  middleName: true,
  lastName: true,
  birthday: true,
  sex: true,
  additionalInfo: true,
  personalNumber: true,
  referralCode: true,
  marketingOptIn: true,
  language: true,
  roles: true,
  blockedAt: true,
  version: true,
  createdAt: true,
  updatedAt: true,
  lastLoginAt: true,
} as const satisfies Prisma.CustomerSelect;

type Row = Prisma.CustomerGetPayload<{ select: typeof columns }>;
const toCustomer = ({ language, birthday, sex, ...row }: Row): Customer => ({
  ...row,
  language: language as Language,
  birthday: birthday?.toISOString().slice(0, 10) ?? null,
  sex: sex as Customer['sex'],
});

const toRow = <Facts extends Pick<Customer, 'roles' | 'birthday'>>({ roles, birthday, ...facts }: Facts) => ({
  ...facts,
  roles: [...roles],
  birthday: birthday === null ? null : new Date(birthday),
});

export async function getCustomer(db: Db, id: string): Promise<Customer> {
  const row = await db.customer.findUnique({ where: { id, erasedAt: null }, select: columns });
  if (!row) throw new AppError('customer_not_found', 'There is no such customer.');
  return toCustomer(row);
}

/** With whoever was erased: what is left of them is three identifiers. */
export interface CustomerRecord extends Customer {
  readonly erasedAt: Date | null;
}

const recordColumns = { ...columns, erasedAt: true } as const satisfies Prisma.CustomerSelect;

const toRecord = ({ erasedAt, ...row }: Prisma.CustomerGetPayload<{ select: typeof recordColumns }>) => ({
  ...toCustomer(row),
  erasedAt,
});

export async function getRecord(db: Db, id: string): Promise<CustomerRecord> {
  const row = await db.customer.findUnique({ where: { id }, select: recordColumns });
  if (!row) throw new AppError('customer_not_found', 'There is no such customer.');
  return toRecord(row);
}

export async function findIdByUuid(db: Db, uuid: string): Promise<string | null> {
  const row = await db.customer.findUnique({ where: { uuid, erasedAt: null }, select: { id: true } });
  return row?.id ?? null;
}

/** Whoever was erased is nobody. */
export async function findByNumber(db: Db, number: number): Promise<Customer | null> {
  const row = await db.customer.findUnique({ where: { number: BigInt(number), erasedAt: null }, select: columns });
  return row && toCustomer(row);
}

/** Who has this phone or e-mail address, proved or not. */
export async function findIdByContact(db: Db, where: Identifier): Promise<string | null> {
  const row = await db.customer.findUnique({ where, select: { id: true } });
  return row?.id ?? null;
}

/** With the hash of the password, for those who check one; nobody else is given it. */
export async function findCredentials(
  db: Db,
  where: Identifier | { readonly id: string },
): Promise<{ customer: Customer; passwordHash: string | null } | null> {
  const row = await db.customer.findUnique({
    where: { ...where, erasedAt: null },
    select: { ...columns, passwordHash: true },
  });
  if (!row) return null;
  const { passwordHash, ...rest } = row;
  return { customer: toCustomer(rest), passwordHash };
}

/** Which of the two somebody else has already, the e-mail address first. */
export async function findTaken(db: Db, { email, phone }: { email: string; phone: string }): Promise<ErrorCode | null> {
  const rows = await db.customer.findMany({ where: { OR: [{ email }, { phone }] }, select: { email: true } });
  if (rows.length === 0) return null;
  return rows.some((row) => row.email === email) ? 'email_taken' : 'phone_taken';
}

export type NewCustomer = Omit<Customer, 'number'> & { readonly passwordHash: string | null };

/** null when somebody has the e-mail address or the phone, also when they took it this instant. */
export async function insertCustomer(tx: Db, customer: NewCustomer): Promise<Customer | null> {
  const [row] = await tx.customer.createManyAndReturn({
    data: toRow(customer),
    skipDuplicates: true,
    select: columns,
  });
  return row ? toCustomer(row) : null;
}

/** Not the last login: a login does not wait for the customer's lock, so what was loaded may be older than the row. */
export async function saveCustomer(
  tx: Db,
  { id, number: _number, lastLoginAt: _lastLoginAt, ...facts }: Customer,
): Promise<void> {
  await tx.customer.update({ where: { id }, data: toRow(facts), select: { id: true } }).catch(refuseTaken);
}

export async function savePassword(tx: Db, id: string, passwordHash: string, now: Date): Promise<void> {
  await tx.customer.update({ where: { id }, data: { passwordHash, updatedAt: now }, select: { id: true } });
}

function refuseTaken(error: unknown): never {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
  if (JSON.stringify(error.meta).includes('phone')) {
    throw new AppError('phone_taken', 'Another customer has this phone.', { cause: error });
  }
  throw new AppError('email_taken', 'Another customer has this e-mail address.', { cause: error });
}

export interface CustomerSearch {
  readonly search: string | null;
  /** The search text as a phone, when it is one. */
  readonly phone: string | null;
  readonly page: number;
  readonly limit: number;
}

/**
 * Newest first. Finds by a part of the e-mail address or of each word of the name, and by the whole phone, id, uuid or
 * number; by these three also who was erased.
 */
export async function listCustomers(db: Db, { search, phone, page, limit }: CustomerSearch) {
  const where: Prisma.CustomerWhereInput = search === null ? { erasedAt: null } : { OR: matching(search, phone) };
  const [rows, total] = await Promise.all([
    db.customer.findMany({
      where,
      select: recordColumns,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      skip: (page - 1) * limit,
      take: limit,
    }),
    db.customer.count({ where }),
  ]);
  return { items: rows.map(toRecord), total };
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function matching(search: string, phone: string | null): Prisma.CustomerWhereInput[] {
  return [
    { AND: search.split(/\s+/).slice(0, mostWords).map(said) },
    { id: search.toLowerCase() },
    ...(phone ? [{ phone }] : []),
    ...(uuidForm.test(search) ? [{ uuid: search.toLowerCase() }] : []),
    ...(/^\d{1,15}$/.test(search) ? [{ number: BigInt(search) }] : []),
  ];
}

/** Whoever types more has said enough. */
const mostWords = 8;

/** People are called by their first and last name in one order or the other, or by what they call themselves. */
function said(word: string): Prisma.CustomerWhereInput {
  const literal = word.replaceAll(/[\\%_]/g, String.raw`\$&`);
  const contains = { contains: literal, mode: 'insensitive' } as const;
  return {
    OR: [
      { email: { contains: literal.toLowerCase() } },
      { name: contains },
      { firstName: contains },
      { lastName: contains },
    ],
  };
}
