/** A cookie that no script reads, and that other sites' requests do not bring along (RFC 6265bis). */
export interface NewCookie {
  readonly name: string;
  /** Letters, digits, `-`, `_` and `.` alone, so that nothing has to be escaped. */
  readonly value: string;
  readonly maxAgeSeconds: number;
  /** Over TLS alone; development has none. */
  readonly secure: boolean;
}

/** As `Set-Cookie` has it. */
export const writeCookie = ({ name, value, maxAgeSeconds, secure }: NewCookie): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

/** The browser is to forget it. */
export const clearCookie = (cookie: Pick<NewCookie, 'name' | 'secure'>): string =>
  writeCookie({ ...cookie, value: '', maxAgeSeconds: 0 });

/**
 * What a `Cookie` header says of one name. Undefined also when it says two things: a neighbouring site may have planted
 * one of them, and nobody can tell which.
 */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const said = pairsOf(header)
    .filter(([key]) => key === name)
    .map(([, value]) => value);
  return new Set(said).size === 1 ? said[0] : undefined;
}

/** The header without one cookie; undefined when nothing is left of it. */
export function withoutCookie(header: string, name: string): string | undefined {
  const rest = pairsOf(header).filter(([key]) => key !== name);
  return rest.length === 0 ? undefined : rest.map(([key, value]) => `${key}=${value}`).join('; ');
}

const pairsOf = (header = ''): (readonly [string, string])[] =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at === -1 ? (['', pair] as const) : ([pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const);
    });
