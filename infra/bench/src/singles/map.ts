import pg from 'pg';
import { generateLoad } from '../load.ts';
import { percentile } from '../statistics.ts';
import type { SystemUnderTest } from '../system.ts';

/** How long a look at the map takes, through the gateway, over one connection. */
export interface MapLook {
  box: string;
  devices: number;
  p50Ms: number;
  p99Ms: number;
}

export const devicesOnMap = 100_000;
const warmUp = 10;

/** Left, bottom, right, top. Most devices are in towns, as they are. */
const boxes = {
  'a street': [30.5, 50.4, 30.52, 50.42],
  'a town': [30.2, 50.2, 30.9, 50.7],
  'a country': [22, 44, 40, 52.5],
  'the world': [-180, -90, 180, 90],
} as const;

export async function lookingAtMap(
  { gatewayUrl, superuserUrl }: Pick<SystemUnderTest, 'gatewayUrl' | 'superuserUrl'>,
  samples: number,
): Promise<MapLook[]> {
  await seedMap(superuserUrl);
  const looks: MapLook[] = [];
  for (const [box, [left, bottom, right, top]] of Object.entries(boxes)) {
    const corners = new URLSearchParams({
      'bottom-left-longitude': String(left),
      'bottom-left-latitude': String(bottom),
      'upper-right-longitude': String(right),
      'upper-right-latitude': String(top),
    });
    const path = `/api/devices/by-location?${corners}`;
    const seen = (await (await fetch(new URL(path, gatewayUrl))).json()) as unknown[];
    const { milliseconds } = await generateLoad({
      origin: gatewayUrl,
      connections: 1,
      seconds: 10,
      maxRequests: samples + warmUp,
      visitors: { expectedStatus: 200, request: () => ({ method: 'GET', path }) },
    });
    const measured = milliseconds.slice(warmUp);
    looks.push({ box, devices: seen.length, p50Ms: percentile(measured, 0.5), p99Ms: percentile(measured, 0.99) });
  }
  return looks;
}

/** Straight into the tables: two in three around twenty towns, the others anywhere. */
async function seedMap(superuserUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(insertStation);
    await client.query(insertDevices, [devicesOnMap]);
    await client.query('VACUUM ANALYZE charging.device');
  } finally {
    await client.end();
  }
}

const insertStation = `
  INSERT INTO charging.station (id, identity, status, created_at)
  VALUES ('ffffffffffffffffffffffff', 'bench', 'accepted', now()) ON CONFLICT DO NOTHING`;

const insertDevices = `
  INSERT INTO charging.device (id, uuid, number, station_id, connector, longitude, latitude, currency, price,
                               waiting_price, state, created_at, changed_at)
  SELECT 'fffffffffffffff' || lpad(n::text, 9, '0'), gen_random_uuid(), 'bench ' || n, 'ffffffffffffffffffffffff', n,
         CASE WHEN n % 3 = 0 THEN random() * 360 - 180 ELSE 30.5 + (n % 20) * 0.9 + random() * 0.4 END,
         CASE WHEN n % 3 = 0 THEN random() * 150 - 70 ELSE 50.4 - (n % 20) * 0.4 + random() * 0.3 END,
         'UAH', 70000, 10000, 'Idle', now(), now()
    FROM generate_series(1, $1::int) n ON CONFLICT DO NOTHING`;
