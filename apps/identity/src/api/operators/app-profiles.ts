import { type Routes, text } from '@forecourt/service-kit';
import { isSupportedCountry } from 'libphonenumber-js/max';
import { z } from 'zod';
import { type AppProfile, codeDigitsRange, profileIdForm } from '../../app-profile/app-profile.ts';
import { editProfile, makeProfile } from '../../app-profile/service.ts';
import { countDevices, getProfile, listProfiles } from '../../app-profile/store.ts';
import type { Deps } from '../../deps.ts';
import { operatorRole } from '../../role/role.ts';
import { actorOf, Instant, toInstant } from './common.ts';

const ProfileId = z.string().regex(profileIdForm);
const Name = text({ min: 1, max: 120 });
const Region = z
  .string()
  .refine(isSupportedCountry, { params: { rule: 'format', expected: 'country' } })
  .meta({ description: 'ISO 3166-1 alpha-2: the country of phones that are written without a country code.' });
const CodeDigits = z.int().min(codeDigitsRange.min).max(codeDigitsRange.max);

const NewProfileBody = z.strictObject({
  id: ProfileId.meta({ description: 'As the app sends it in `Hive-Profile`; for good.' }),
  name: Name,
  region: Region.default('RU'),
  codeDigits: CodeDigits.default(6),
});
const ChangeBody = z.strictObject({
  name: Name.optional(),
  region: Region.optional(),
  codeDigits: CodeDigits.optional(),
});
const ProfileBody = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    region: z.string(),
    codeDigits: z.int(),
    blockedAt: Instant.nullable(),
    createdAt: Instant,
    updatedAt: Instant,
    devices: z.int().meta({ description: 'That hold a key of it.' }),
  })
  .meta({ id: 'AppProfile' });
const Params = z.strictObject({ profileId: ProfileId });
const ListQuery = z.strictObject({
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const ListBody = z.strictObject({ items: z.array(ProfileBody), page: z.int(), limit: z.int(), total: z.int() });

/** The apps that may sign requests. None is ever removed: devices hold keys of it, and the audit log names it. */
export const appProfileRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole(operatorRole);
    const tags = ['App profiles'];
    const withDevices = async (profile: AppProfile) =>
      toBody({ ...profile, devices: await countDevices(deps.db, profile.id) });

    app.get('/admin/app-profiles', {
      onRequest,
      schema: {
        operationId: 'listAppProfiles',
        summary: 'The apps that may sign requests, by name',
        tags,
        querystring: ListQuery,
        response: { 200: ListBody },
      },
      handler: async ({ query: { page, limit } }) => {
        const { items, total } = await listProfiles(deps.db, { page, limit });
        return { items: items.map(toBody), page, limit, total };
      },
    });

    app.post('/admin/app-profiles', {
      onRequest,
      schema: {
        operationId: 'makeAppProfile',
        summary: 'Let an app sign requests',
        description: 'Every process knows it within three seconds.',
        tags,
        body: NewProfileBody,
        response: { 201: ProfileBody },
      },
      handler: async (request, reply) =>
        reply.code(201).send(await withDevices(await makeProfile(deps, request.body, actorOf(request)))),
    });

    app.get('/admin/app-profiles/:profileId', {
      onRequest,
      schema: {
        operationId: 'getAppProfile',
        summary: 'One app',
        tags,
        params: Params,
        response: { 200: ProfileBody },
      },
      handler: async ({ params }) => withDevices(await getProfile(deps.db, params.profileId)),
    });

    app.patch('/admin/app-profiles/:profileId', {
      onRequest,
      schema: {
        operationId: 'changeAppProfile',
        summary: 'Change the name, region or length of codes of an app',
        description: 'Only what is sent changes.',
        tags,
        params: Params,
        body: ChangeBody,
        response: { 200: ProfileBody },
      },
      handler: async (request) => {
        const change = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
        return withDevices(await editProfile(deps, request.params.profileId, change, actorOf(request)));
      },
    });

    for (const [verb, blocked, summary] of [
      ['block', true, 'Answer no request of an app any more'],
      ['unblock', false, 'Answer the requests of an app again, with the keys that its devices hold'],
    ] as const) {
      app.post(`/admin/app-profiles/:profileId/${verb}`, {
        onRequest,
        schema: {
          operationId: `${verb}AppProfile`,
          summary,
          description: 'Every process follows within three seconds.',
          tags,
          params: Params,
          response: { 200: ProfileBody },
        },
        handler: async (request) =>
          withDevices(await editProfile(deps, request.params.profileId, { blocked }, actorOf(request))),
      });
    }
  };

const toBody = (profile: AppProfile & { readonly devices: number }): z.input<typeof ProfileBody> => ({
  id: profile.id,
  name: profile.name,
  region: profile.region,
  codeDigits: profile.codeDigits,
  blockedAt: toInstant(profile.blockedAt),
  createdAt: profile.createdAt.toISOString(),
  updatedAt: profile.updatedAt.toISOString(),
  devices: profile.devices,
});
