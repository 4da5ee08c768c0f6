import type { ErrorCode } from '@forecourt/errors';

/** The document's table of codes. */
export const numbers = {
  headerMissing: -10001,
  headerMalformed: -10002,
  parameterMissing: -10003,
  parameterMalformed: -10004,
  bodyUnreadable: -10005,
  profileUnknown: -10006,
  clientInvalid: -10007,
  codeInvalid: -10008,
  tooManyRequests: -10011,
} as const;
export type MobileNumber = (typeof numbers)[keyof typeof numbers];

const {
  headerMissing,
  headerMalformed,
  parameterMalformed,
  bodyUnreadable,
  profileUnknown,
  clientInvalid,
  codeInvalid,
  tooManyRequests,
} = numbers;

/** No body: the status says it all. */
const silent = null;

export const numberOf = {
  validation_failed: parameterMalformed,
  malformed_request: headerMalformed,
  malformed_body: bodyUnreadable,
  unsupported_media_type: bodyUnreadable,
  payload_too_large: bodyUnreadable,
  headers_too_large: headerMalformed,
  method_not_allowed: silent,
  route_not_found: silent,
  not_found: silent,
  too_many_requests: tooManyRequests,
  request_timeout: bodyUnreadable,

  internal: silent,
  service_unavailable: silent,
  upstream_timeout: silent,
  bad_gateway: silent,
  overloaded: silent,

  unauthenticated: clientInvalid,
  token_expired: clientInvalid,
  session_ended: clientInvalid,
  credentials_wrong: clientInvalid,
  refresh_token_invalid: clientInvalid,
  role_required: clientInvalid,
  account_blocked: clientInvalid,
  too_many_attempts: tooManyRequests,

  proof_needed: clientInvalid,
  password_wrong: clientInvalid,
  phone_invalid: parameterMalformed,
  password_common: parameterMalformed,
  reset_token_invalid: parameterMalformed,
  reset_token_used: parameterMalformed,
  email_taken: parameterMalformed,
  phone_taken: parameterMalformed,
  account_taken: parameterMalformed,
  customer_not_found: clientInvalid,
  session_not_found: silent,
  device_not_found: clientInvalid,
  last_operator: parameterMalformed,
  own_account: parameterMalformed,

  code_wrong: codeInvalid,
  code_request_unknown: clientInvalid,
  phone_not_served: parameterMalformed,
  already_confirmed: clientInvalid,

  header_missing: headerMissing,
  header_malformed: headerMalformed,
  app_profile_unknown: profileUnknown,
  app_profile_not_found: silent,
  app_profile_taken: parameterMalformed,
  signature_wrong: clientInvalid,
  request_stale: headerMalformed,
  request_replayed: headerMalformed,

  product_not_found: silent,
  category_not_found: silent,
  manufacturer_not_found: silent,
  country_not_found: silent,
  discount_not_found: silent,
  slug_taken: parameterMalformed,
  sku_taken: parameterMalformed,
  category_cycle: parameterMalformed,
  still_in_use: parameterMalformed,
  version_conflict: parameterMalformed,
  import_malformed: parameterMalformed,

  amount_precision: parameterMalformed,
  option_unknown: parameterMalformed,
  product_inactive: parameterMalformed,
  price_changed: parameterMalformed,
  delivery_fee_changed: parameterMalformed,
  out_of_stock: parameterMalformed,
  idempotency_key_reused: parameterMalformed,
  order_not_found: silent,
  order_move_refused: parameterMalformed,
  catalogue_behind: silent,
} as const satisfies Record<ErrorCode, MobileNumber | null>;
