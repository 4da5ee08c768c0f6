import type { Stage } from '../stage.ts';
import type { Damage } from './damage.ts';
import type { PlannedFault } from './plan.ts';

/** What a payment provider is like on a bad day; it behaves again when it is told so, or started anew. */
export async function misbehave({ kind, degree }: PlannedFault, { provider }: Stage): Promise<Damage> {
  const { switches, mended, detail } = manners[kind as keyof typeof manners](degree);
  await provider.behave(switches);
  return { detail, mend: () => provider.behave(mended) };
}

/** It calls back about every payment twice unless it is told otherwise. */
export const usual = { slowMs: 0, down: false, callback: 'twice' } as const;

const manners = {
  'provider-slow': (degree: number) => ({
    switches: { slowMs: degree },
    mended: { slowMs: usual.slowMs },
    detail: `each answer takes ${degree} ms`,
  }),
  'provider-error': () => ({ switches: { down: true }, mended: { down: usual.down }, detail: '500 to everything' }),
  'provider-mute': (degree: number) => ({
    switches: degree === 0 ? { callback: 'never' } : { callback: 'late', lateMs: 3_000 },
    mended: { callback: usual.callback },
    detail: degree === 0 ? 'no callbacks' : 'callbacks 3 s late',
  }),
};
