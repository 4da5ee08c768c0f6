import type { SaboteurName } from './saboteurs.ts';

/** For the processes of a system: what they load has been tampered with. */
export const sabotageEnvironment = (name: SaboteurName): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${new URL('preload.ts', import.meta.url).href}`]
    .filter(Boolean)
    .join(' '),
  CHAOS_SABOTAGE: name,
});
