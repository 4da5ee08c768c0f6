import type { Routes } from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import { recordAct } from '../audit/store.ts';
import { getCustomer } from '../customer/store.ts';
import type { Deps } from '../deps.ts';
import { changePassword, checkPassword } from '../password/service.ts';
import { editProfile, replacePhone } from '../profile/service.ts';
import { register } from '../registration/service.ts';
import {
  AdditionalInfoBody,
  bodiesBy,
  ClientBody,
  ClientIdBody,
  ClientParams,
  ClientProfileBody,
  ClientQuery,
  DoneBody,
  FullNameBody,
  MatchesBody,
  oneIdOf,
  PasswordBody,
  PasswordGuessBody,
  PhoneBody,
  toChange,
  toProfileBody,
} from './clients-bodies.ts';
import { subjectOf } from './clients-subject.ts';

export const clientsApi =
  (deps: Deps): Routes =>
  async (app) => {
    const { NewClientBody, ChangedClientBody } = bodiesBy(deps.clock);
    const onRequest = app.requirePrincipal;
    const tags = ['Clients'];

    app.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });

    app.post('/api/v1/clients', {
      schema: {
        operationId: 'createClient',
        summary: 'Make an account',
        description: 'No session is opened. `phone_number` is taken for `phone`; one of them must be there.',
        tags,
        body: NewClientBody,
        response: { 201: ClientIdBody },
      },
      handler: async (request, reply) => {
        const { first_name: firstName, last_name: lastName, email, password } = request.body;
        const {
          phone,
          phone_number,
          additional_info: additionalInfo = null,
          birthday = null,
          sex = null,
        } = request.body;
        const account = {
          phone: (phone ?? phone_number) as string,
          email,
          password,
          profile: { firstName, lastName, additionalInfo, birthday, sex },
          marketingOptIn: false,
          language: request.language,
        };
        const { uuid } = await register(deps, account, request.ip);
        return reply.code(201).send({ client_id: uuid });
      },
    });

    app.get('/api/v1/clients', {
      onRequest,
      schema: {
        operationId: 'getClient',
        summary: 'A profile: of the client that the body or the query names, or else the caller’s own',
        description:
          'The id travels in the body of the GET; for clients that cannot send one, the query does the same.',
        tags,
        querystring: ClientQuery,
        body: ClientBody,
        response: { 200: ClientProfileBody },
      },
      handler: (request) => showProfile(deps, request, oneIdOf(request.body?.client_id, request.query.client_id)),
    });

    app.get('/api/v1/clients/:client_id', {
      onRequest,
      schema: {
        operationId: 'getClientById',
        summary: 'A profile',
        tags,
        params: ClientParams,
        querystring: ClientQuery,
        body: ClientBody,
        response: { 200: ClientProfileBody },
      },
      handler: (request) => {
        const { params, body, query } = request;
        return showProfile(deps, request, oneIdOf(params.client_id, body?.client_id, query.client_id));
      },
    });

    app.patch('/api/v1/clients/:client_id', {
      onRequest,
      schema: {
        operationId: 'changeClient',
        summary: 'Change a profile',
        description: 'Only what is sent changes; `null` takes `additional_info`, `birthday` or `sex` back.',
        tags,
        params: ClientParams,
        body: ChangedClientBody,
        response: { 200: ClientIdBody },
      },
      handler: async (request) => {
        const { customerId, actor } = await subjectOf(deps, request, request.params.client_id);
        const { uuid } = await editProfile(deps, customerId, toChange(request.body), actor);
        return { client_id: uuid };
      },
    });

    app.patch('/api/v1/clients/:client_id/full_name', {
      onRequest,
      schema: {
        operationId: 'changeClientFullName',
        summary: 'Change the first name, the last name or both',
        description: 'A part that is `null`, absent or the string `"null"` stays as it is.',
        tags,
        params: ClientParams,
        body: FullNameBody,
        response: { 200: DoneBody },
      },
      handler: async (request) => {
        const { customerId, actor } = await subjectOf(deps, request, request.params.client_id);
        await editProfile(deps, customerId, toChange(request.body), actor);
        return {};
      },
    });

    app.patch('/api/v1/clients/:client_id/password', {
      onRequest,
      schema: {
        operationId: 'changeClientPassword',
        summary: 'Change the password; ends the client’s other sessions',
        tags,
        params: ClientParams,
        body: PasswordBody,
        response: { 200: DoneBody },
      },
      handler: async (request) => {
        const { customerId, actor, sessionId } = await subjectOf(deps, request, request.params.client_id);
        await changePassword(deps, { customerId, password: request.body.password, sessionId, actor });
        return {};
      },
    });

    app.patch('/api/v1/clients/:client_id/phone_number', {
      onRequest,
      schema: {
        operationId: 'changeClientPhone',
        summary: 'Change the phone; it is unverified until a code confirms it',
        tags,
        params: ClientParams,
        body: PhoneBody,
        response: { 200: DoneBody },
      },
      handler: async (request) => {
        const { customerId, actor } = await subjectOf(deps, request, request.params.client_id);
        await replacePhone(deps, customerId, request.body.phone_number, actor);
        return {};
      },
    });

    app.patch('/api/v1/clients/:client_id/additional_info', {
      onRequest,
      schema: {
        operationId: 'changeClientAdditionalInfo',
        summary: 'Change what the client says of themselves',
        tags,
        params: ClientParams,
        body: AdditionalInfoBody,
        response: { 200: DoneBody },
      },
      handler: async (request) => {
        const { customerId, actor } = await subjectOf(deps, request, request.params.client_id);
        await editProfile(deps, customerId, toChange(request.body), actor);
        return {};
      },
    });

    app.post('/api/v1/clients/:client_id/password/check', {
      onRequest,
      schema: {
        operationId: 'checkClientPassword',
        summary: 'Whether this is the client’s password',
        description: 'Wrong guesses are counted together with those of a login.',
        tags,
        params: ClientParams,
        body: PasswordGuessBody,
        response: { 200: MatchesBody },
      },
      handler: async (request) => {
        const { customerId, sessionId } = await subjectOf(deps, request, request.params.client_id);
        return { matches: await checkPassword(deps, { customerId, password: request.body.password, sessionId }) };
      },
    });
  };

/** Whom an operator looked at is written down before they see it. */
async function showProfile(deps: Deps, request: FastifyRequest, clientId: string | undefined) {
  const { db, clock } = deps;
  const { customerId, actor } = await subjectOf(deps, request, clientId);
  const customer = await getCustomer(db, customerId);
  if (actor.role === 'operator') {
    await recordAct(db, { act: 'customer.read', actor, subjectId: customerId, at: clock() });
  }
  return toProfileBody(customer);
}
