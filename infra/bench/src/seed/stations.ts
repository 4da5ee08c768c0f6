import pg from 'pg';
import { hashOf } from '../../../../apps/charging/src/station/password.ts';
import { cardOf, deviceIdOf, identityOf, passwordOf, stationIdOf } from '../stations/words.ts';
import type { SystemUnderTest } from '../system.ts';

/** What the system's charging is told to hash the passwords of stations with. */
export const stationSecret = 'what bench hashes the passwords of stations with';

/** Minor units for a kWh. */
export const priceOfKwh = 1000;

/** Stations with a password and a device each, and a card for each of these customers, written straight into the tables. */
export async function seedStations(
  { superuserUrl }: Pick<SystemUnderTest, 'superuserUrl'>,
  { stations, cardholders }: { stations: number; cardholders: readonly string[] },
): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  const all = Array.from({ length: stations }, (_, n) => n);
  try {
    await client.query(insertStations, [
      all.map(stationIdOf),
      all.map(identityOf),
      all.map((n) => hashOf(stationSecret, stationIdOf(n), passwordOf(n))),
    ]);
    await client.query(insertDevices, [all.map(stationIdOf), all.map(deviceIdOf), priceOfKwh]);
    await client.query(insertCards, [cardholders.map((_, n) => cardOf(n)), cardholders]);
    await client.query('VACUUM ANALYZE charging.station, charging.device, charging.card, charging.session');
  } finally {
    await client.end();
  }
}

const insertStations = `
  INSERT INTO charging.station (id, identity, status, password_hash, created_at)
  SELECT id, identity, 'accepted', hash, now()
  FROM unnest($1::text[], $2::text[], $3::text[]) AS station (id, identity, hash) ON CONFLICT DO NOTHING`;

/** All over a country. */
const insertDevices = `
  INSERT INTO charging.device (id, uuid, number, station_id, connector, longitude, latitude, currency, price,
                               waiting_price, state, created_at, changed_at)
  SELECT id, gen_random_uuid(), 'bench station ' || n, station_id, 1, 22 + random() * 18, 44.5 + random() * 7.5, 'UAH',
         $3::bigint, 100, 'Error', now(), now()
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS device (station_id, id, n) ON CONFLICT DO NOTHING`;

const insertCards = `
  INSERT INTO charging.card (id, token, customer_id, created_at)
  SELECT substr(md5('card ' || token), 1, 24), token, customer_id, now()
  FROM unnest($1::text[], $2::text[]) AS card (token, customer_id) ON CONFLICT DO NOTHING`;
