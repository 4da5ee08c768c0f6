import { accountsOf, type SignedIn, signInAll } from '../seed/accounts.ts';
import { seedStations } from '../seed/stations.ts';
import type { Payload } from '../stations/line.ts';
import { placeOf, Station } from '../stations/station.ts';
import { deviceIdOf } from '../stations/words.ts';
import { percentile } from '../statistics.ts';
import type { SystemUnderTest } from '../system.ts';

/** From a driver's wish to the frame at the station, and to the driver's answer. */
export interface StartLatency {
  samples: number;
  frameP50Ms: number;
  frameP99Ms: number;
  answerP50Ms: number;
  answerP99Ms: number;
}

/** Of each version as many; one driver each. */
const stations = 8;
const warmUp = 8;

/** One at a time: a hold at payments, the station's row, the broker when another process has it, the frame. */
export async function startToFrame(system: SystemUnderTest, samples: number): Promise<StartLatency> {
  await seedStations(system, { stations, cardholders: [] });
  const drivers = await signInAll(system, accountsOf(stations));
  const posts = await Promise.all(drivers.map((driver, n) => open(system, driver, n)));
  const toFrame: number[] = [];
  const toAnswer: number[] = [];
  try {
    for (let n = 0; n < samples + warmUp; n++) {
      const { frameMs, answerMs } = await (posts[n % stations] as Post).start();
      if (n < warmUp) continue;
      toFrame.push(frameMs);
      toAnswer.push(answerMs);
    }
  } finally {
    for (const { station } of posts) station.leave();
  }
  return {
    samples,
    frameP50Ms: percentile(toFrame, 0.5),
    frameP99Ms: percentile(toFrame, 0.99),
    answerP50Ms: percentile(toAnswer, 0.5),
    answerP99Ms: percentile(toAnswer, 0.99),
  };
}

interface Post {
  station: Station;
  start(): Promise<{ frameMs: number; answerMs: number }>;
}

/** A station with the driver who comes to it. */
async function open({ gatewayUrl, charging: { url } }: SystemUnderTest, driver: SignedIn, n: number): Promise<Post> {
  let heard: { at: number; wish: ReturnType<typeof wishIn> } | undefined;
  const station = new Station(n, placeOf(url), (action, payload) => {
    if (!/^(RemoteStart|RequestStart)Transaction$/.test(action)) return {};
    heard = { at: performance.now(), wish: wishIn(payload) };
    return { status: 'Accepted' };
  });
  await station.come();
  return {
    station,
    async start() {
      heard = undefined;
      const began = performance.now();
      const response = await fetch(new URL(`/api/devices/${deviceIdOf(n)}/start`, gatewayUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${driver.accessToken}` },
      });
      const answerMs = performance.now() - began;
      const text = await response.text();
      if (response.status !== 200 || !heard) throw new Error(`a start was answered ${response.status}: ${text}`);
      const { at, wish } = heard;
      // It begins and ends, so that the device is free for the next one.
      await station.start(wish);
      await station.stop();
      return { frameMs: at - began, answerMs };
    },
  };
}

/** In either version's words. */
function wishIn(payload: Payload): { token: string; remoteStartId?: number } {
  const { idTag, idToken, remoteStartId } = payload as {
    idTag?: string;
    idToken?: { idToken: string };
    remoteStartId?: number;
  };
  return { token: idTag ?? idToken?.idToken ?? '', ...(remoteStartId !== undefined && { remoteStartId }) };
}
