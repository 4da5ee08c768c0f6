import { generateLoad } from '../load.ts';
import { median } from '../statistics.ts';

export interface Hop {
  /** What lies between the two. */
  addedMs: number;
  throughMs: number;
  straightMs: number;
}

const share = 25;
const warmUp = 5;

/** One connection, by turns to the gateway and straight to the service; the difference of the medians. */
export async function gatewayHop(
  { gatewayUrl, catalogUrls }: { gatewayUrl: string; catalogUrls: readonly string[] },
  path: string,
  samples: number,
): Promise<Hop> {
  const seen = new Map<string, number[]>();
  const origins = [gatewayUrl, catalogUrls[0] as string] as const;
  for (let done = 0; done < samples; done += share) {
    for (const origin of origins) {
      const { milliseconds } = await generateLoad({
        origin,
        connections: 1,
        seconds: 5,
        maxRequests: share + warmUp,
        visitors: {
          expectedStatus: 200,
          // What the gateway has kept it answers alone, and that is no hop.
          request: () => ({ method: 'GET', path, headers: { 'cache-control': 'no-cache' } }),
        },
      });
      seen.set(origin, [...(seen.get(origin) ?? []), ...milliseconds.slice(warmUp)]);
    }
  }
  const [throughMs = Number.NaN, straightMs = Number.NaN] = origins.map((origin) => median(seen.get(origin) ?? []));
  return { addedMs: throughMs - straightMs, throughMs, straightMs };
}
