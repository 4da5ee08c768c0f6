import type { Act } from '../load.ts';
import { Line } from '../stations/line.ts';
import { placeOf, Station } from '../stations/station.ts';
import { newCharge, wordsOf } from '../stations/words.ts';
import type { Flow, Places } from './flow.ts';

export const stationNames = ['station, heartbeat', 'station, meter value'] as const;

export interface StationFlows {
  flows: Flow[];
  close(): Promise<void>;
}

/**
 * Stations that say their next word when the last one is answered, straight to charging. Beside the heartbeat a bare `ws`
 * sends back what it gets; beside the meter value it stores one row. Every second station is of the other version of OCPP.
 */
export async function stationFlows(
  { yardstick, ours }: Places,
  { chargingUrl, connections }: { chargingUrl: URL; connections: number },
): Promise<StationFlows> {
  const stations = Array.from({ length: connections }, (_, n) => new Station(n, placeOf(chargingUrl)));
  for (const station of stations) {
    await station.come();
    await station.start();
  }
  const stationOf = (connection: number) => stations[connection] as Station;
  const echoes = await linesTo(yardstick.origin, '/echo', connections);
  const stores = await linesTo(yardstick.origin, '/meter', connections);
  const lineOf = (lines: readonly Line[], connection: number) => lines[connection] as Line;
  const flow = (name: (typeof stationNames)[number], bare: Act, act: Act): Flow => ({
    name,
    connections,
    yardstick: { place: yardstick, visitors: bare },
    ours: { place: ours, visitors: act },
  });
  const heartbeat = { action: 'Heartbeat', payload: {} };
  return {
    flows: [
      flow(
        'station, heartbeat',
        async (_, connection) => void (await lineOf(echoes, connection).call('Heartbeat', {})),
        async (_, connection) => void (await stationOf(connection).say(heartbeat)),
      ),
      flow(
        'station, meter value',
        async (n, connection) => {
          const { action, payload } = wordsOf(connection).meter(newCharge({ token: 'A' }), n, new Date());
          await lineOf(stores, connection).call(action, payload);
        },
        (_, connection) => stationOf(connection).meter(),
      ),
    ],
    close: async () => {
      for (const station of stations) {
        await station.stop();
        station.leave();
      }
      for (const line of [...echoes, ...stores]) line.hangUp();
    },
  };
}

async function linesTo(origin: string, path: string, count: number): Promise<Line[]> {
  const lines = Array.from(
    { length: count },
    (_, n) => new Line({ ...placeOf(new URL(origin)), path, protocol: wordsOf(n).protocol }),
  );
  await Promise.all(lines.map(({ opened }) => opened));
  return lines;
}
