import { SubscriberAnswer, subscriber, succeeded, toE164, toMajorUnits, verification } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import { type Principal, principalOf, type Routes, text, wholeNumber, writeCookie } from '@forecourt/service-kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { waitsSeconds } from '../pending/pending.ts';
import { orderAsCustomer, orderAsGuest, type Waiting } from '../pending/service.ts';
import { listInForce } from '../subscription/lookup.ts';

const mostNumber = 2_147_483_647;
const Number_ = z.int().min(1).max(mostNumber);
const Name = text({ min: 1, max: 100 });

const GuestOrder = z
  .strictObject({
    isUser: z.literal(false),
    fisrtName: Name.optional().meta({ description: 'Spelled so.' }),
    firstName: Name.optional().meta({ description: 'Or so.' }),
    lastName: Name,
    personalNumber: z
      .int()
      .min(1)
      .max(99_999_999_999)
      .meta({ description: 'Of 11 digits; zeros at its beginning, which a number cannot have, are added.' }),
    phoneNumber: z.int().min(500_000_000).max(599_999_999).meta({ description: 'Local: 5XXXXXXXX.' }),
    productId: Number_,
  })
  .refine(({ fisrtName, firstName }) => (fisrtName === undefined) !== (firstName === undefined), {
    path: ['fisrtName'],
    params: { rule: 'required' },
  });
const OwnOrder = z.strictObject({ isUser: z.literal(true), clientId: Number_, productId: Number_ });

const OrderedBody = SubscriberAnswer(
  z.object({ clientId: z.int().optional().meta({ description: 'The number of the client who was made for it.' }) }),
).meta({ id: 'SubscriberOrdered' });

const ClientBody = SubscriberAnswer(
  z.object({
    isActive: z.boolean(),
    balance: z.number().meta({ description: 'What may be spent, in major units.' }),
    expireDate: z.string().meta({ format: 'date-time' }).nullable(),
    products: z.array(z.int()).meta({ description: 'Numbers of the products in force.' }),
  }),
).meta({ id: 'SubscriberClient' });

const tags = ['Subscriber'];

/** The subscriber's self-service site: an order that a code confirms, and what a client has. */
export const subscriberApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });

    app.post('/order', {
      onRequest: app.optionalPrincipal,
      schema: {
        operationId: 'orderWithCode',
        summary: 'Order a product or package; a code by SMS confirms it, within 15 minutes',
        tags,
        body: z.discriminatedUnion('isUser', [GuestOrder, OwnOrder]).meta({ id: 'SubscriberOrder' }),
        response: { 200: OrderedBody },
      },
      handler: async ({ body, principal, language, ip: address }, reply) => {
        const caller = { productNumber: body.productId, language, address };
        const waiting = await (body.isUser
          ? orderAsCustomer(deps, { ...caller, customerId: signedIn(principal), clientNumber: body.clientId })
          : orderAsGuest(deps, { ...caller, ...toGuest(body) }));
        nameCode(reply, waiting, deps);
        const { clientNumber } = waiting;
        return succeeded(clientNumber === null ? {} : { clientId: clientNumber });
      },
    });

    app.get('/client/:id', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'readClient',
        summary: 'What a client has: for themselves, or for an operator',
        tags,
        params: z.object({ id: wholeNumber({ min: 1, max: mostNumber }) }),
        response: { 200: ClientBody },
      },
      handler: async (request) => {
        const customerId = await clientFor(deps, principalOf(request), request.params.id);
        const [inForce, available] = await Promise.all([
          listInForce(deps.database, customerId, deps.clock()),
          deps.payments.available(customerId),
        ]);
        return succeeded({
          isActive: inForce.length > 0,
          balance: toMajorUnits(available, deps.currency),
          expireDate: inForce[0]?.until.toISOString() ?? null,
          products: [...new Set(inForce.map(({ productNumber }) => productNumber))],
        });
      },
    });
  };

function signedIn(principal: Principal | null): string {
  if (!principal) throw new AppError('unauthenticated', 'Sign in first.');
  return principal.customerId;
}

const toGuest = ({ fisrtName, firstName, lastName, personalNumber, phoneNumber }: z.output<typeof GuestOrder>) => ({
  firstName: (fisrtName ?? firstName) as string,
  lastName,
  personalNumber: String(personalNumber).padStart(11, '0'),
  phone: toE164(String(phoneNumber), subscriber.defaultRegion),
});

/** How `/validate` is told which code was sent: by a browser, or by whoever keeps no cookies. */
function nameCode(
  reply: FastifyReply,
  { codeRequestId }: Waiting,
  { secureCookies: secure }: Pick<Deps, 'secureCookies'>,
): void {
  const cookie = { name: verification.cookie, value: codeRequestId, maxAgeSeconds: waitsSeconds, secure };
  reply.header('set-cookie', writeCookie(cookie)).header(verification.header, codeRequestId);
}

/** The own number alone, so that nobody learns which others there are; operators may read any. */
async function clientFor(
  { customers }: Pick<Deps, 'customers'>,
  { customerId, roles }: Principal,
  number: number,
): Promise<string> {
  if (!roles.includes('operator')) {
    if ((await customers.numberOf(customerId)) !== number)
      throw new AppError('proof_needed', 'That is not your number.');
    return customerId;
  }
  const customer = await customers.find({ number });
  if (!customer) throw new AppError('customer_not_found', 'There is no such client.');
  return customer.customerId;
}
