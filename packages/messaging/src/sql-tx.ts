/** What a store function needs: satisfied by Prisma's transaction client and by the kit's own SQL transaction. */
export interface SqlTx {
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
  $queryRaw<T = unknown>(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<T>;
}

/** Runs `work` in one database transaction: commits what it did, or nothing. */
export type Transact<Tx extends SqlTx> = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
