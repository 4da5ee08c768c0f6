import { toMajorUnits } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { type Principal, principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { uuidsOfDevices } from '../device/lookup.ts';
import { heldIn } from '../money/money.ts';
import { listSessions } from '../session/lookup.ts';
import type { Case } from '../session/plan.ts';
import type { State } from '../session/session.ts';

/** The document knows no pages. */
const most = 1_000;

const statuses = {
  requested: 'на согласовании',
  held: 'на согласовании',
  starting: 'на согласовании',
  charging: 'идёт',
  waiting: 'идёт',
  finished: 'проведена',
  failed: 'отменена',
} as const satisfies Record<State, string>;

const SessionsBody = z
  .array(
    z
      .strictObject({
        session_id: z.uuid(),
        spot_id: z.uuid().describe('The device'),
        status: z.enum(['на согласовании', 'идёт', 'проведена', 'отменена']),
        cost: z.number().describe('What is held, until the device has confirmed'),
      })
      .meta({ id: 'ChargingSession' }),
  )
  .meta({ description: `Newest first, at most ${most}.` });

export const clientsApi =
  ({ database, customers }: Pick<Deps, 'database' | 'customers'>): Routes =>
  async (app) => {
    app.get('/api/v1/clients/:client_id/sessions', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'listClientSessions',
        summary: 'Charging sessions, newest first',
        tags: ['Clients'],
        params: z.object({ client_id: z.uuid() }),
        response: { 200: SessionsBody },
      },
      handler: async (request, reply) => {
        const customerId = await customers.resolve(request.params.client_id);
        if (customerId === null || !isOpenTo(principalOf(request), customerId)) {
          throw new AppError('customer_not_found', 'There is no such customer.');
        }
        const cases = await listSessions(database, { ...everything, customerId, limit: most });
        const spots = await uuidsOfDevices(database, [...new Set(cases.map(({ session }) => session.deviceId))]);
        reply.header('cache-control', 'no-store');
        return cases.map((known) => toBody(known, spots));
      },
    });
  };

/** Customers speak of themselves alone, operators of everybody; somebody else's id is as unknown as nobody's. */
const isOpenTo = (principal: Principal, customerId: string): boolean =>
  principal.customerId === customerId || principal.roles.includes('operator');

const everything = {
  deviceId: null,
  stationId: null,
  state: null,
  origin: null,
  flag: null,
  from: null,
  to: null,
  after: null,
};

function toBody({ session, portions }: Case, spots: ReadonlyMap<string, string>): z.input<typeof SessionsBody.element> {
  const { uuid, deviceId, state, currency, amount } = session;
  const status = statuses[state];
  const cost = status === 'на согласовании' ? heldIn(portions) : amount;
  return { session_id: uuid, spot_id: spots.get(deviceId) as string, status, cost: toMajorUnits(cost, currency) };
}
