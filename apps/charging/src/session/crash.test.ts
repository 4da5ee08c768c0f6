import { sessionFinished } from '@forecourt/contracts';
import { deathsAmong } from '@forecourt/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bay, openBay, type Scene, stationOf } from '../../test/bay.ts';
import { aCard } from '../../test/builders.ts';
import { mortal } from '../../test/mortal.ts';
import type { Deps } from '../deps.ts';
import { finishSession, startSession } from './driving.ts';
import type { Session } from './session.ts';
import { workOff } from './worker.ts';

let bay: Bay;
beforeEach(async () => {
  bay = await openBay();
});
afterEach(() => bay.close());

/** A station as stations are: what it has not had answered it says again, to whichever process is there. */
interface Cast {
  readonly scene: Scene;
  /** The process that dies, until it has. */
  readonly deps: () => Deps;
  /** Says it, and again until somebody has heard. */
  readonly insist: <T>(told: (station: ReturnType<typeof stationOf>) => Promise<T>) => Promise<T>;
  readonly work: () => Promise<unknown>;
}

/** What flowed by the station's own meter; null: it never began. */
type Story = (cast: Cast) => Promise<bigint | null>;

const started = async ({ scene, deps }: Cast): Promise<Session | null> => {
  await startSession(deps(), scene).catch(() => null);
  const [session] = await bay.sessionsOf(scene.deviceId);
  // What the station was asked it does, whether or not anybody is left to hear of it.
  return bay.asked.some(({ stationId, wish }) => stationId === scene.stationId && wish.action === 'remoteStart')
    ? (session ?? null)
    : null;
};

const charge = async ({ insist, work }: Cast, idToken: string | null, wattHours: readonly bigint[]) => {
  const start = { idToken, key: `start-${idToken}` };
  const { number } = await insist((station) => station.begin(start));
  await work();
  for (const wh of wattHours) {
    bay.pass(60);
    const at = bay.runtime.clock();
    await insist((station) => station.meter(wh, { transactionId: String(number), at, key: `meter-${wh}` }));
    await work();
  }
  return String(number);
};

const stories: Record<string, Story> = {
  'charged, finished by its driver, and waited for': async (cast) => {
    const wish = await started(cast);
    if (!wish) return null;
    const name = await charge(cast, wish.idToken, [1_100n, 1_200n]);
    await finishSession(cast.deps(), cast.scene).catch(() => {});
    await cast.work();
    const at = bay.runtime.clock();
    await cast.insist((station) => station.end(name, 1_250n, { at, key: 'end', reason: 'Remote' }));
    bay.pass(7 * 60);
    await cast.insist((station) => station.say('Available'));
    await cast.work();
    return 250n;
  },
  'accepted, and nobody plugs in': async (cast) => {
    await started(cast);
    bay.pass(120);
    await cast.work();
    return null;
  },
  'refused by its station': async (cast) => {
    bay.answer = ({ action }) => (action === 'remoteStart' ? 'rejected' : 'accepted');
    await started(cast);
    await cast.work();
    return null;
  },
  'more than what is held, so that more is held': async (cast) => {
    const wish = await started(cast);
    if (!wish) return null;
    const name = await charge(cast, wish.idToken, [1_600n, 1_900n]);
    await cast.insist((station) => station.end(name, 2_000n, { key: 'end', reason: 'EVDisconnected' }));
    await cast.work();
    return 1_000n;
  },
  'begun with a card, and more than the wallet has': async (cast) => {
    const { token } = await aCard(bay.runtime.database, { customerId: cast.scene.customerId });
    const name = await charge(cast, token, [1_600n, 2_200n]);
    await cast.insist((station) => station.end(name, 2_300n, { key: 'end', reason: 'EVDisconnected' }));
    await cast.work();
    return 1_300n;
  },
};

async function play(story: Story, dieAt?: number) {
  bay.answer = () => 'accepted';
  const scene = await bay.scene({ funds: 80_000n });
  const process = mortal(bay.deps, dieAt);
  const alive = () => (process.isDead() ? bay.deps : process.deps);
  const cast: Cast = {
    scene,
    deps: alive,
    insist: async (told) => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await told(stationOf(bay, scene, alive()));
        } catch (error) {
          if (tries > 3) throw error;
        }
      }
    },
    work: async () => {
      await workOff(alive()).catch(() => 0);
    },
  };
  const flowed = await story(cast);
  // Somebody else goes on with what was left, once the leases are over.
  for (let minute = 0; minute < 12; minute += 1) {
    bay.pass(30);
    await bay.settle();
  }
  return { scene, flowed, process };
}

/** All that is wrong with what is left. */
async function damage({ scene, flowed }: Awaited<ReturnType<typeof play>>): Promise<string[]> {
  const sessions = await bay.sessionsOf(scene.deviceId);
  const begun = sessions.filter(({ startedAt }) => startedAt !== null);
  const wrong: string[] = [...bay.wallets.mistakes()];
  for (const { id, state, amount, paid, energyWh, flag } of sessions) {
    if (state !== 'finished' && state !== 'failed') wrong.push(`${id} is ${state}`);
    if (paid !== (bay.wallets.revenue.get(`session:${id}`) ?? 0n)) wrong.push(`${id} does not know what was paid`);
    if (paid !== amount && flag !== 'unpaid') wrong.push(`${id} is paid ${paid} of ${amount}`);
    if (state === 'finished' && energyWh !== flowed) wrong.push(`${id} is ${energyWh} Wh of ${flowed}`);
    const told = (await bay.told(sessionFinished.subject)).filter(({ sessionId }) => sessionId === id);
    if (told.at(-1)?.amount !== Number(amount)) wrong.push(`of the end of ${id} was told ${JSON.stringify(told)}`);
  }
  if (begun.length !== (flowed === null ? 0 : 1)) wrong.push(`${begun.length} purchases`);
  const { state } = await bay.deps.prisma.device.findUniqueOrThrow({ where: { id: scene.deviceId } });
  if (state !== 'Idle') wrong.push(`the device is ${state}`);
  return wrong;
}

describe.each(Object.entries(stories))('a session that is %s', (_, story) => {
  test('is one purchase with nothing held, wherever its process dies', { timeout: 300_000 }, async () => {
    const sound = await play(story);
    expect(await damage(sound)).toEqual([]);
    const { points } = sound.process;
    expect(points.length).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const dieAt of deathsAmong(points)) {
      const left = await play(story, dieAt);
      wrong.push(...(await damage(left)).map((what) => `${dieAt}, ${left.process.points.at(-1)}: ${what}`));
    }
    expect(wrong).toEqual([]);
  });
});
