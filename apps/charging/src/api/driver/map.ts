import { DeviceState } from '@forecourt/contracts';
import { toMajorUnits } from '@forecourt/dialects';
import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { mostOnMap } from '../../map/map.ts';
import type { Sight } from '../../map/store.ts';

/** Degrees in a query string, also as Dart writes what is nearly nothing: `1.5e-7`. */
const degrees = (most: number) =>
  z
    .string()
    .regex(/^-?\d{1,3}(?:\.\d{1,20})?(?:[eE]-\d{1,2})?$/)
    .describe(`Degrees, from -${most} to ${most}`)
    .transform(Number)
    .pipe(z.number().min(-most).max(most));

const Corners = z
  .strictObject({
    'bottom-left-longitude': degrees(180),
    'bottom-left-latitude': degrees(90),
    'upper-right-longitude': degrees(180),
    'upper-right-latitude': degrees(90),
  })
  .refine((corners) => corners['bottom-left-latitude'] <= corners['upper-right-latitude'], {
    path: ['upper-right-latitude'],
    params: { rule: 'not_acceptable' },
  });

const DeviceOnMap = z
  .object({
    _id: z.string(),
    deviceNumber: z.string(),
    price: z.number().describe('Of a kWh'),
    waitingPrice: z.number().describe('Of a minute that the cable stays plugged in after charging has ended'),
    location: z.tuple([z.number(), z.number()]).describe('Longitude, latitude'),
    state: DeviceState,
  })
  .meta({ id: 'Device' });

export const mapRoutes =
  ({ map }: Pick<Deps, 'map'>): Routes =>
  async (app) => {
    app.get('/api/devices/by-location', {
      schema: {
        operationId: 'listDevicesByLocation',
        summary: `The devices in a box, borders included; at most ${mostOnMap}, spread over the box when there are more`,
        description: 'A box whose left longitude is greater than its right one crosses the antimeridian.',
        tags: ['Devices'],
        querystring: Corners,
        response: { 200: z.array(DeviceOnMap) },
      },
      handler: async ({ query }) => {
        const sights = await map.within({
          west: query['bottom-left-longitude'],
          south: query['bottom-left-latitude'],
          east: query['upper-right-longitude'],
          north: query['upper-right-latitude'],
        });
        return sights.map(toBody);
      },
    });
  };

const toBody = (sight: Sight): z.input<typeof DeviceOnMap> => ({
  _id: sight.id,
  deviceNumber: sight.number,
  price: toMajorUnits(sight.price, sight.currency),
  waitingPrice: toMajorUnits(sight.waitingPrice, sight.currency),
  location: [sight.longitude, sight.latitude],
  state: sight.state,
});
