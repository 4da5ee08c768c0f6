import type { Clock, Database } from '@forecourt/service-kit';
import type { Revisions } from '../change-log/revision.ts';
import type { Directory } from './directory.ts';
import { loadDirectory } from './store.ts';

/** The directory as of now, kept in this process and read anew when somebody changed it. */
export interface DirectoryReader {
  current(): Promise<Directory>;
}

export function createDirectoryReader(database: Database, revisions: Revisions, clock: Clock): DirectoryReader {
  let held: { revision: number; directory: Promise<Directory> } | undefined;
  return {
    current: async () => {
      const { directory: revision } = await revisions.current();
      if (held?.revision !== revision) {
        const directory = loadDirectory(database, clock());
        held = { revision, directory };
        directory.catch(() => {
          held = undefined;
        });
      }
      return held.directory;
    },
  };
}
