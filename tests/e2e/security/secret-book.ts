import type { Piece } from './eavesdropper.ts';

/** What should be nowhere, as it comes up: codes, keys and tokens that no test chooses, and passwords that one does. */
export interface SecretBook {
  keep(kind: string, ...values: (string | undefined)[]): void;
  of(kind: string): readonly string[];
  /** `kind in where: text` of each piece that holds one and may not. */
  found(pieces: readonly Piece[], allowed?: (kind: string, piece: Piece) => boolean): string[];
}

export function openSecretBook(): SecretBook {
  const secrets = new Map<string, string[]>();
  return {
    keep(kind, ...values) {
      secrets.set(kind, [...(secrets.get(kind) ?? []), ...values.filter((value) => value !== undefined)]);
    },
    of: (kind) => secrets.get(kind) ?? [],
    found(pieces, allowed = () => false) {
      const finders = [...secrets].flatMap(([kind, values]) => values.map((value) => [kind, finder(value)] as const));
      return pieces.flatMap((piece) =>
        finders
          .filter(([kind, isIn]) => isIn(piece.text) && !allowed(kind, piece))
          .map(([kind]) => `${kind} in ${piece.where}: ${piece.text.slice(0, 400)}`),
      );
    },
  };
}

/** Six digits are in many a number; what stands by itself is one. */
function finder(secret: string): (text: string) => boolean {
  if (/^\d+$/.test(secret)) {
    const alone = new RegExp(`(?<![\\w.+-])${secret}(?![\\w.-])`);
    return (text) => alone.test(text);
  }
  const spelt = spellings(secret);
  return (text) => spelt.some((spelling) => text.includes(spelling));
}

/** However it may be written. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const decoded = /^[\w+/]{43}=$/.test(secret) ? [Buffer.from(secret, 'base64')] : [];
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...[bytes, ...decoded].flatMap((one) => [one.toString('hex'), one.toString('base64'), one.toString('base64url')]),
    ...(secret.startsWith('eyJ') ? [secret.split('.')[2] as string] : []),
  ];
}
