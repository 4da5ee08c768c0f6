/** What went wrong, in gRPC's words. Only an edge turns a category into an HTTP status. */
export type Category =
  | 'invalid_argument'
  | 'unauthenticated'
  | 'permission_denied'
  | 'not_found'
  | 'failed_precondition'
  | 'resource_exhausted'
  | 'unavailable'
  | 'internal';

/** Every refusal that the system can give. A dialect must have words for each: the compiler asks for them. */
export const catalogue = {
  // the request itself
  validation_failed: 'invalid_argument',
  malformed_request: 'invalid_argument',
  malformed_body: 'invalid_argument',
  unsupported_media_type: 'invalid_argument',
  payload_too_large: 'invalid_argument',
  headers_too_large: 'invalid_argument',
  method_not_allowed: 'invalid_argument',
  route_not_found: 'not_found',
  not_found: 'not_found',
  too_many_requests: 'resource_exhausted',
  request_timeout: 'invalid_argument',

  // the system
  internal: 'internal',
  service_unavailable: 'unavailable',
  upstream_timeout: 'unavailable',
  bad_gateway: 'unavailable',
  overloaded: 'unavailable',

  // who is asking
  unauthenticated: 'unauthenticated',
  token_expired: 'unauthenticated',
  session_ended: 'unauthenticated',
  credentials_wrong: 'unauthenticated',
  refresh_token_invalid: 'unauthenticated',
  role_required: 'permission_denied',
  account_blocked: 'permission_denied',
  proof_needed: 'permission_denied',
  password_wrong: 'permission_denied',
  origin_refused: 'permission_denied',
  too_many_attempts: 'resource_exhausted',

  // customers
  phone_invalid: 'invalid_argument',
  password_common: 'invalid_argument',
  reset_token_invalid: 'invalid_argument',
  reset_token_used: 'invalid_argument',
  email_taken: 'failed_precondition',
  phone_taken: 'failed_precondition',
  account_taken: 'failed_precondition',
  customer_not_found: 'not_found',
  session_not_found: 'not_found',
  device_not_found: 'not_found',
  service_account_not_found: 'not_found',
  last_operator: 'failed_precondition',
  own_account: 'failed_precondition',

  // one-time codes
  code_wrong: 'invalid_argument',
  code_expired: 'failed_precondition',
  code_request_unknown: 'not_found',
  phone_not_served: 'invalid_argument',
  already_confirmed: 'failed_precondition',

  // requests signed with a device key
  header_missing: 'invalid_argument',
  header_malformed: 'invalid_argument',
  app_profile_unknown: 'invalid_argument',
  app_profile_not_found: 'not_found',
  app_profile_taken: 'failed_precondition',
  signature_wrong: 'unauthenticated',
  request_stale: 'invalid_argument',
  request_replayed: 'invalid_argument',

  // catalogue
  product_not_found: 'not_found',
  category_not_found: 'not_found',
  manufacturer_not_found: 'not_found',
  country_not_found: 'not_found',
  discount_not_found: 'not_found',
  slug_taken: 'failed_precondition',
  sku_taken: 'failed_precondition',
  external_id_taken: 'failed_precondition',
  category_cycle: 'failed_precondition',
  still_in_use: 'failed_precondition',
  version_conflict: 'failed_precondition',
  import_malformed: 'invalid_argument',
  call_rates_not_found: 'not_found',

  // orders
  amount_precision: 'invalid_argument',
  option_unknown: 'invalid_argument',
  product_inactive: 'invalid_argument',
  price_changed: 'failed_precondition',
  delivery_fee_changed: 'failed_precondition',
  out_of_stock: 'failed_precondition',
  idempotency_key_reused: 'failed_precondition',
  order_not_found: 'not_found',
  order_move_refused: 'failed_precondition',
  catalogue_behind: 'unavailable',

  // subscriptions
  subscription_not_found: 'not_found',
  subscription_ended: 'failed_precondition',

  // money
  insufficient_balance: 'failed_precondition',
  amount_out_of_range: 'invalid_argument',
  provider_unavailable: 'unavailable',
  invoice_not_found: 'not_found',
  invoice_move_refused: 'failed_precondition',
  account_not_found: 'not_found',
  transfer_not_found: 'not_found',
  transfer_key_reused: 'failed_precondition',
  refund_exceeds_transfer: 'failed_precondition',
  hold_not_found: 'not_found',
  hold_ended: 'failed_precondition',
  capture_exceeds_hold: 'invalid_argument',
  adjustment_not_found: 'not_found',
  adjustment_decided: 'failed_precondition',
  second_operator_needed: 'permission_denied',

  // charging
  device_busy: 'failed_precondition',
  device_offline: 'unavailable',
  device_timeout: 'unavailable',
  station_not_found: 'not_found',
  station_refused: 'failed_precondition',
  station_identity_taken: 'failed_precondition',
  device_number_taken: 'failed_precondition',
  connector_taken: 'failed_precondition',
  purchase_not_found: 'not_found',
  purchase_move_refused: 'failed_precondition',
  card_not_found: 'not_found',
  card_taken: 'failed_precondition',
  reservation_not_found: 'not_found',
  reservation_limit: 'failed_precondition',
} as const satisfies Record<string, Category>;

export type ErrorCode = keyof typeof catalogue;

export const isErrorCode = (word: string): word is ErrorCode => Object.hasOwn(catalogue, word);
