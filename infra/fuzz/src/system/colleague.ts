import { randomUUID } from 'node:crypto';
import type { Connection } from '../wire/connection.ts';
import { type Account, renewAfterMs, signIn, signUp } from './account.ts';
import { type Answer, ask } from './ask.ts';

type Operate = (method: string, target: string, body?: unknown) => Promise<Answer>;

/** Another operator: of what one proposes only another one may approve. */
export class Colleague {
  readonly #connection: Connection;
  readonly #operate: Operate;
  #account: Account | undefined;

  /** `operate`: as the first operator. */
  constructor(connection: Connection, operate: Operate) {
    this.#connection = connection;
    this.#operate = operate;
  }

  /** Whoever is there; hired anew before their token is worth nothing. */
  async account(): Promise<Account> {
    if (this.#account && performance.now() - this.#account.since <= renewAfterMs) return this.#account;
    const { id, email, password } = await signUp(this.#connection);
    await this.#operate('PUT', `/admin/customers/${id}/roles/operator`);
    this.#account = await signIn(this.#connection, email, password);
    return this.#account;
  }

  /** For themselves unless told. undefined: somebody has been at the colleague; another one is hired for the next. */
  async propose(customerId?: string, amount = 5): Promise<string | undefined> {
    const { id, accessToken } = await this.account();
    const { status, body } = await ask(this.#connection, 'POST', '/admin/ledger/adjustments', {
      body: { key: randomUUID(), accountId: `wallet:${customerId ?? id}:UAH`, amount, reason: 'A bonus' },
      authorization: `Bearer ${accessToken}`,
    });
    if (status === 201) return (body as { id: string }).id;
    this.#account = undefined;
    return undefined;
  }

  /** Gives the transfer. */
  async endow(customerId: string, amount: number): Promise<string | undefined> {
    const adjustmentId = await this.propose(customerId, amount);
    const { body } = await this.#operate('POST', `/admin/ledger/adjustments/${adjustmentId}/approve`);
    return ((body ?? {}) as { transferId?: string }).transferId;
  }
}
