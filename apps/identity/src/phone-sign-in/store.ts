import type { Db } from '../customer/store.ts';

/** Under the customer's lock. */
export const noteLogin = async (tx: Db, id: string, now: Date): Promise<void> =>
  void (await tx.customer.update({ where: { id }, data: { lastLoginAt: now }, select: { id: true } }));

/** There is none from here on; the person may choose one by a reset. */
export const dropPassword = async (tx: Db, id: string): Promise<void> =>
  void (await tx.customer.update({ where: { id }, data: { passwordHash: null }, select: { id: true } }));
