import type { Clock } from '@forecourt/service-kit';
import type { Db } from '../customer/store.ts';
import type { AppProfile } from './app-profile.ts';
import { listOpenProfiles } from './store.ts';

/** The profiles whose requests are answered, for the header of every request. */
export interface KnownProfiles {
  find(id: string): Promise<AppProfile | null>;
  /** Something has changed: look again. */
  forget(): void;
}

const goodForMs = 3000;

/**
 * All of them at once: they are few, and so a flood of names that nobody has is no flood of statements. What another
 * process changes is known here after three seconds.
 */
export function createKnownProfiles({ db, clock }: { db: Db; clock: Clock }): KnownProfiles {
  let known: Promise<ReadonlyMap<string, AppProfile>> | undefined;
  let readAt = 0;

  const read = async () => new Map((await listOpenProfiles(db)).map((profile) => [profile.id, profile]));

  return {
    async find(id) {
      const now = clock().getTime();
      if (!known || now - readAt >= goodForMs) {
        readAt = now;
        const reading = read();
        known = reading;
        reading.catch(() => {
          if (known === reading) known = undefined;
        });
      }
      return (await known).get(id) ?? null;
    },
    forget: () => {
      known = undefined;
    },
  };
}
