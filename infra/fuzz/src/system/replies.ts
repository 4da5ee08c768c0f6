/** What may be in a reply that signs somebody in, or shows a guest's order. */
export interface Reply {
  tokens?: { accessToken: string; refreshToken: string };
  accessToken?: string;
  refreshToken?: string;
  phone?: string;
  clientId?: string;
  customerId?: string;
}

/** The things of a list, or the one thing that a reply is. */
export function thingsIn(body: unknown): Record<string, unknown>[] {
  if (body === null || typeof body !== 'object') return [];
  const { items } = body as { items?: unknown };
  const candidates = Array.isArray(body) ? body : Array.isArray(items) ? items : [body];
  return candidates.filter((one) => typeof one?.id === 'string' || typeof one?._id === 'string');
}

/** Of a registration; what was framed or coded in some odd way is not read. */
export function credentialsIn(sent: Buffer): { phone?: string; email?: string; password?: string } {
  try {
    return JSON.parse(sent.toString());
  } catch {
    return {};
  }
}
