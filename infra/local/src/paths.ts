import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

/** All that a run leaves behind; never part of a commit. */
export const local = join(root, '.local');

export const packageDirectory = join(import.meta.dirname, '..');

export const appDirectory = (service: string) => join(root, 'apps', service);
