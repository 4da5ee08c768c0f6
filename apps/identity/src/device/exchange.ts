import { randomBytes } from 'node:crypto';
import type { exchangeCredential } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { ExchangedToken } from '../session/exchanged-tokens.ts';
import { noteUseEverySeconds } from '../session/session.ts';
import { keyBytes } from './device.ts';
import { type Credential, readCredential, refuseStale, signerOf } from './signature.ts';
import { readSignedDate, type SignedDate } from './signed-date.ts';
import { findSigners, type SigningDevice, type StoredKey, takeRequest } from './store.ts';

type SignedRequest = z.output<typeof exchangeCredential.request>;

/**
 * A signed request, for an access token of its device. What is wrong with its shape and its date is told to anybody;
 * everything else that is wrong with who signed is one refusal, after one statement and as many digests.
 */
export async function exchange(deps: Deps, request: SignedRequest): Promise<ExchangedToken> {
  const { database, clock, exchangedTokens } = deps;
  const credential = readCredential(request.authentication);
  const date = readSignedDate(request.date);
  const now = clock();
  refuseStale(date, now);

  const { profileKnown, devices } = await findSigners(database, credential.customerNumber, request.profile);
  if (!profileKnown) throw profileUnknown();
  const device = signingDevice(deps, devices, request, credential, date);
  if (device.profileBlocked) throw profileUnknown();

  const { customerNumber, digest } = credential;
  const noteUsesBefore = new Date(now.getTime() - noteUseEverySeconds * 1000);
  const { sessionId } = device;
  if (!(await takeRequest(database, { customerNumber, digest, sessionId, noteUsesBefore, now }))) {
    throw new AppError('request_replayed', 'This request was sent before.');
  }
  return exchangedTokens.tokenFor(device, now);
}

function signingDevice(
  { deviceKeys, log }: Pick<Deps, 'deviceKeys' | 'log'>,
  devices: readonly SigningDevice[],
  request: SignedRequest,
  { nonce, digest }: Credential,
  date: SignedDate,
): SigningDevice {
  const lost = new Set<string>();
  const unsealed = (device: StoredKey): Buffer => {
    const key = deviceKeys.unseal(device.sessionId, device);
    if (!key) lost.add(device.sealedBy);
    return key ?? nobodysKey;
  };
  // For those who have no key one is tried that nobody knows, at the same cost.
  const keys = (devices.length > 0 ? devices : [deviceKeys.decoy]).map(unsealed);
  const signer = devices[signerOf(keys, digest, { method: request.method, path: request.path, nonce }, date)];
  if (signer) return signer;
  if (lost.size === 0) throw new AppError('signature_wrong', 'Unknown identity, or a wrong signature.');
  // A secret is missing, which is our fault: apps forget their login when they are told that a signature is wrong.
  log.error({ sealedBy: [...lost] }, 'device keys cannot be unsealed');
  throw new AppError('service_unavailable', 'This signature cannot be checked now.', { retryAfterSeconds: 30 });
}

const nobodysKey = randomBytes(keyBytes);

const profileUnknown = () => new AppError('app_profile_unknown', 'There is no such app profile.');
