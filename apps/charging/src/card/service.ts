import { AppError } from '@forecourt/errors';
import { newObjectId } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { Prisma, type PrismaClient } from '../generated/prisma/client.ts';
import { tokenOf } from './card.ts';

export type CardRow = Prisma.CardGetPayload<object>;

export interface CardFields {
  /** Cards of one group may end each other's sessions. */
  readonly groupToken: string | null;
  readonly label: string | null;
  readonly blocked: boolean;
  readonly expiresAt: Date | null;
}

export interface NewCard extends CardFields {
  readonly token: string;
  readonly customerId: string;
}

type CardDeps = Pick<Deps, 'clock' | 'prisma'>;

/** Refuses `card_taken`. */
export async function addCard({ clock, prisma }: CardDeps, { token, groupToken, ...card }: NewCard): Promise<CardRow> {
  const createdAt = clock();
  const tokens = { token: tokenOf(token), groupToken: groupToken && tokenOf(groupToken) };
  try {
    return await prisma.card.create({ data: { ...card, ...tokens, id: newObjectId(createdAt), createdAt } });
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new AppError('card_taken', `There is a card ${tokens.token}.`, { cause: error });
  }
}

/** Refuses `card_not_found`. Sessions that it began go on. */
export async function changeCard(
  { prisma }: CardDeps,
  id: string,
  { groupToken, ...fields }: Partial<CardFields>,
): Promise<CardRow> {
  const data = { ...fields, ...(groupToken !== undefined && { groupToken: groupToken && tokenOf(groupToken) }) };
  const [card] = await prisma.card.updateManyAndReturn({ where: { id }, data });
  return card ?? notFound();
}

/** Refuses `card_not_found`. */
export async function removeCard({ prisma }: CardDeps, id: string): Promise<void> {
  const { count } = await prisma.card.deleteMany({ where: { id } });
  if (count === 0) notFound();
}

export async function getCard({ prisma }: CardDeps, id: string): Promise<CardRow> {
  return (await prisma.card.findUnique({ where: { id } })) ?? notFound();
}

export interface CardFilter {
  readonly customerId: string | undefined;
  readonly token: string | undefined;
  /** The last card of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Newest first, to the second: ids begin with their time. */
export const listCards = (
  { card }: PrismaClient,
  { customerId, token, after, limit }: CardFilter,
): Promise<CardRow[]> =>
  card.findMany({
    where: {
      ...(customerId && { customerId }),
      ...(token && { token: tokenOf(token) }),
      ...(after && { id: { lt: after } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
  });

const isTaken = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';

function notFound(): never {
  throw new AppError('card_not_found', 'There is no such card.');
}
