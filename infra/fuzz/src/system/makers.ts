import type { Connection } from '../wire/connection.ts';
import { aDevice, anAppCode, aSubscriber, aSubscribersCode } from './app.ts';
import { aContactCode, aDriversCode, aLoginCode, anInvoice } from './newcomers.ts';
import type { Thing } from './things.ts';

/** An operator ends what is somebody else's. */
const anOthersDevice = async (connection: Connection): Promise<Thing> => ({
  ...(await aDevice(connection)),
  token: null,
});

/** What one call alone can use, and how it is made. */
export const makers: readonly (readonly [path: string, make: (connection: Connection) => Promise<object>])[] = [
  ['/auth/verify-code', aLoginCode],
  ['/api/user/otp-check', aDriversCode],
  ['/me/phone/confirm', (connection) => aContactCode(connection, 'phone')],
  ['/me/email/confirm', (connection) => aContactCode(connection, 'email')],
  ['/api/client/mobile/1.0/registration/confirm', anAppCode],
  ['/api/client/mobile/1.0/registration/resubmit', anAppCode],
  ['/register', aSubscriber],
  ['/resend', aSubscriber],
  ['/restore', aSubscriber],
  ['/validate', aSubscribersCode],
  ['/api/customer/replenishment/{invoice_id}', anInvoice],
  ['/me/devices/{id}', aDevice],
  ['/me/sessions/{id}', aDevice],
  ['/admin/customers/{customerId}/sessions/{sessionId}', anOthersDevice],
  ['/admin/customers/{customerId}/devices/{deviceId}', anOthersDevice],
];
