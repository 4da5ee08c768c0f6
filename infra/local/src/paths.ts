import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** All that a run leaves behind; never part of a commit. */
export const local = join(root, '.local');

/** What Node has compiled, by content: whoever starts a process later starts it with half the work. */
export const compileCache = join(local, 'compile-cache');

export const packageDirectory = join(import.meta.dirname, '..');

export const appDirectory = (service: string) => join(root, 'apps', service);
