import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { hash, parseOptions, verify } from '@node-rs/argon2';

/** OWASP's argon2id parameters of 19 MiB, two passes, one lane. Raising them rehashes each password at its next login. */
const hashParameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Costs the same with no hash to compare to, and is then false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
  /** For work that will come to a hash: refused at once, before it costs anything, where too much of it is under way. */
  admit<T>(work: () => Promise<T>): Promise<T>;
  /** How many wait for their turn. */
  waiting(): number;
}

export interface HasherLimits {
  /** Hashes at once. Each keeps a core busy, so leave one for everybody else's requests. */
  concurrency: number;
  queue: number;
}

/** Who asked for it hardly waits any longer, and a hash for nobody would only make the next one wait. */
const patienceMs = 3_000;

export async function createPasswordHasher({ concurrency, queue }: HasherLimits): Promise<PasswordHasher> {
  const waiting = new Set<() => void>();
  let running = 0;
  let admitted = 0;

  const turn = () =>
    new Promise<void>((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        waiting.delete(begin);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(overloaded());
      }, patienceMs);
      waiting.add(begin);
    });

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < concurrency) running += 1;
    else if (waiting.size >= queue) throw overloaded();
    // Whoever finishes hands its place over, so `running` stays as it is.
    else await turn();
    try {
      return await work();
    } finally {
      const [next] = waiting;
      if (next) next();
      else running -= 1;
    }
  };

  const admit = async <T>(work: () => Promise<T>): Promise<T> => {
    if (admitted >= concurrency + queue) throw overloaded();
    admitted += 1;
    try {
      return await work();
    } finally {
      admitted -= 1;
    }
  };

  const decoy = await hash(randomBytes(32), hashParameters);
  return {
    hash: (password) => inTurn(() => hash(password, hashParameters)),
    verify: (passwordHash, password) =>
      inTurn(async () => (await verify(passwordHash ?? decoy, password)) && passwordHash !== null),
    admit,
    waiting: () => waiting.size,
  };
}

const overloaded = () => new AppError('overloaded', 'Too many passwords are being checked.', { retryAfterSeconds: 2 });

export function needsRehash(passwordHash: string): boolean {
  const made = parseOptions(passwordHash);
  return Object.entries(hashParameters).some(([name, value]) => made[name as keyof typeof hashParameters] !== value);
}
