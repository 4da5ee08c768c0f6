import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { RequestContract } from '@forecourt/contracts';
import { ask, connectNats } from '@forecourt/messaging';
import pg from 'pg';
import pino from 'pino';
import type { z } from 'zod';
import type { SystemUnderTest } from './system.ts';

/** Where money is moved, and counted afterwards. */
export interface Till {
  ask<R extends RequestContract>(contract: R, wish: z.output<R['request']>): Promise<z.output<R['reply']>>;
  /** The ledger said that so much was taken out of wallets. */
  took(amount: bigint): void;
  /** Whether wallets have lost what was taken, and whether the whole ledger adds up: what is wrong. */
  audit(): Promise<string[]>;
  close(): Promise<void>;
}

/** Long enough to be answered on any machine: who is not answered is a failure of the run. */
const timeoutMs = 20_000;
const payments = fileURLToPath(new URL('../../../apps/payments', import.meta.url));

/** As a service asks, with the code by which they do it; as the operator, since none of those that run charges wallets. */
export async function openTill({ superuserUrl, natsUrl, paymentsUrl }: SystemUnderTest): Promise<Till> {
  const nats = await connectNats({ url: natsUrl, name: 'bench', log: pino({ level: 'silent' }) });
  const database = new pg.Client({ connectionString: superuserUrl });
  await database.connect();
  const inWallets = async () => {
    const { rows } = await database.query<{ posted: string; held: string }>(
      `SELECT sum(posted) AS posted, sum(held) AS held FROM payments.account WHERE kind = 'wallet'`,
    );
    return { posted: BigInt(rows[0]?.posted ?? 0), held: BigInt(rows[0]?.held ?? 0) };
  };
  const before = await inWallets();
  let taken = 0n;
  return {
    ask: (contract, wish) => ask(nats, contract, wish, { timeoutMs }),
    took: (amount) => {
      taken += amount;
    },
    audit: async () => {
      const { posted, held } = await inWallets();
      const wrong = [];
      if (posted !== before.posted - taken)
        wrong.push(`wallets have ${posted} and should have ${before.posted - taken}`);
      if (held !== before.held) wrong.push(`${held} is held in wallets, and should be ${before.held}`);
      return [...wrong, ...(await verify(paymentsUrl))];
    },
    close: async () => {
      await nats.close();
      await database.end();
    },
  };
}

/** `npm run ledger:verify`. */
async function verify(databaseUrl: string): Promise<string[]> {
  const command = spawn(process.execPath, ['src/commands/ledger-verify.ts'], {
    cwd: payments,
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said, [code]] = await Promise.all([text(command.stdout), once(command, 'exit')]);
  return code === 0 ? [] : said.trim().split('\n');
}
