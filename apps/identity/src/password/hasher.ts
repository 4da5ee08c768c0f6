import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { hash, parseOptions, verify } from '@node-rs/argon2';

/** OWASP's argon2id parameters of 19 MiB, two passes, one lane. Raising them rehashes each password at its next login. */
const hashParameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Costs the same with no hash to compare to, and is then false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
  /** How many wait for their turn. */
  waiting(): number;
}

export interface HasherLimits {
  /** Hashes at once. Each keeps a core busy, so leave one for everybody else's requests. */
  concurrency: number;
  queue: number;
}

export async function createPasswordHasher({ concurrency, queue }: HasherLimits): Promise<PasswordHasher> {
  const waiting: (() => void)[] = [];
  let running = 0;

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= queue) {
        throw new AppError('overloaded', 'Too many passwords are being checked.', { retryAfterSeconds: 2 });
      }
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  const decoy = await hash(randomBytes(32), hashParameters);
  return {
    hash: (password) => inTurn(() => hash(password, hashParameters)),
    verify: (passwordHash, password) =>
      inTurn(async () => (await verify(passwordHash ?? decoy, password)) && passwordHash !== null),
    waiting: () => waiting.length,
  };
}

export function needsRehash(passwordHash: string): boolean {
  const made = parseOptions(passwordHash);
  return Object.entries(hashParameters).some(([name, value]) => made[name as keyof typeof hashParameters] !== value);
}
