import { randomBytes } from 'node:crypto';
import { AppError } from '@forecourt/errors';
import { hash, parseOptions, verify } from '@node-rs/argon2';

/** Parameters of argon2id. Raising them rehashes each password at its next login. */
const costs = {
  /** OWASP's: 19 MiB, two passes, one lane. */
  due: { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 },
  /** The least there is: for tests. */
  cheap: { memoryCost: 8, timeCost: 1, parallelism: 1, outputLen: 32 },
} as const;

export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Costs the same with no hash to compare to, and is then false. */
  verify(passwordHash: string | null, password: string): Promise<boolean>;
  /** It was made with other parameters. */
  needsRehash(passwordHash: string): boolean;
  /** For work that will come to a hash: waits, or is refused, before it costs anything, while much of it is under way. */
  admit<T>(work: () => Promise<T>): Promise<T>;
  /** How many wait for their turn. */
  waiting(): number;
}

export interface HasherOptions {
  /** Hashes at once. Each keeps a core busy, so leave one for everybody else's requests. */
  concurrency: number;
  queue: number;
  cost?: keyof typeof costs;
}

/** Who asked for it hardly waits any longer, and a hash for nobody would only make the next one wait. */
const patienceMs = 3_000;

/** What a login does beside its hash goes on while others hash; more of it at once only stands in everybody's way. */
const besides = 3;

export async function createPasswordHasher(options: HasherOptions): Promise<PasswordHasher> {
  const { concurrency, queue, cost = 'due' } = options;
  const hashParameters = costs[cost];
  const works = Math.min(concurrency + besides, concurrency + queue);
  const atWork = createTurnstile(works, concurrency + queue - works);
  const hashing = createTurnstile(concurrency, queue);

  const decoy = await hash(randomBytes(32), hashParameters);
  return {
    hash: (password) => hashing.pass(() => hash(password, hashParameters)),
    verify: (passwordHash, password) =>
      hashing.pass(async () => (await verify(passwordHash ?? decoy, password)) && passwordHash !== null),
    needsRehash: (passwordHash) => {
      const made = parseOptions(passwordHash);
      return Object.entries(hashParameters).some(
        ([name, value]) => made[name as keyof typeof hashParameters] !== value,
      );
    },
    admit: atWork.pass,
    waiting: () => atWork.waiting() + hashing.waiting(),
  };
}

/** Lets so many through at once; so many others wait, in the order in which they came, and the rest are refused. */
function createTurnstile(atOnce: number, queue: number) {
  const waiting = new Set<() => void>();
  let inside = 0;

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

  return {
    waiting: () => waiting.size,
    async pass<T>(work: () => Promise<T>): Promise<T> {
      if (inside < atOnce) inside += 1;
      else if (waiting.size >= queue) throw overloaded();
      // Whoever comes out hands its place over, so `inside` stays as it is.
      else await turn();
      try {
        return await work();
      } finally {
        const [next] = waiting;
        if (next) next();
        else inside -= 1;
      }
    },
  };
}

const overloaded = () => new AppError('overloaded', 'Too many passwords are being checked.', { retryAfterSeconds: 2 });
