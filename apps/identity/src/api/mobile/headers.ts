import { AppError } from '@forecourt/errors';
import type { App } from '@forecourt/service-kit';
import type { FastifyRequest } from 'fastify';
import type { AppProfile } from '../../app-profile/app-profile.ts';
import type { Deps } from '../../deps.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the app that is calling, behind the mobile door. */
    appProfile: AppProfile | null;
  }
}

const longestProfileId = 64;

/** What every request of an app says in its headers, checked before anything else of it is looked at. */
export function readHeaders(app: App, { appProfiles }: Pick<Deps, 'appProfiles'>): void {
  app.decorateRequest('appProfile', null);
  app.addHook('onRequest', async (request) => {
    const id = textOf(request, 'Hive-Profile');
    if (id === '') throw missing('Hive-Profile');
    if (id.length > longestProfileId) throw malformed('Hive-Profile');
    request.appProfile = await appProfiles.find(id);
    if (!request.appProfile) throw new AppError('app_profile_unknown', 'There is no such app profile.');

    const position = request.headers['x-hive-gps-position'];
    if (position !== undefined && !isPosition(String(position))) throw malformed('X-Hive-GPS-Position');
  });
}

export function profileOf({ appProfile }: FastifyRequest): AppProfile {
  if (!appProfile) throw new Error('This route is not behind the mobile door.');
  return appProfile;
}

/** For `onRequest`, before the token is looked at: the gateway has made a token of whatever signature there was. */
export const requireSignature = async (request: FastifyRequest): Promise<void> => {
  if (request.headers.authorization === undefined) throw missing('Authentication');
};

const number = String.raw`[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?`;
const positionForm = new RegExp(`^(${number}) (${number})$`);

/** `latitude longitude` in decimal degrees. */
export function isPosition(text: string): boolean {
  const [, latitude, longitude] = positionForm.exec(text) ?? [];
  return Math.abs(Number(latitude)) <= 90 && Math.abs(Number(longitude)) <= 180;
}

const textOf = ({ headers }: FastifyRequest, name: string): string =>
  [headers[name.toLowerCase()] ?? ''].flat().join(', ').trim();

const missing = (header: string) => new AppError('header_missing', `${header} is missing.`, { params: { header } });
const malformed = (header: string) =>
  new AppError('header_malformed', `${header} is malformed.`, { params: { header } });
