import type { Outlet } from './outlet.ts';
import type { Authorization } from './tongue.ts';

export interface ReaderOptions {
  readonly authorize: (idToken: string) => Promise<Authorization>;
  readonly isConnected: () => boolean;
}

/** Where people show their cards. */
export interface Reader {
  /** Begins a charge, or ends one that is this card's or of its group; false: neither. */
  present(idToken: string, outlet: Outlet): Promise<boolean>;
}

export function createReader({ authorize, isConnected }: ReaderOptions): Reader {
  const groups = new Map<string, string | null>();

  async function isAccepted(idToken: string): Promise<boolean> {
    // Without a line it trusts whoever comes, as stations do that would rather sell than not.
    if (!isConnected()) return true;
    const { accepted, group } = await authorize(idToken);
    groups.set(idToken, group);
    return accepted;
  }

  const isOfOneGroup = (one: string, other: string): boolean => {
    const group = groups.get(one) ?? null;
    return group !== null && group === groups.get(other);
  };

  return {
    async present(idToken, outlet) {
      const { charge } = outlet;
      if (charge && charge.flow !== 'stopped') {
        const mayEnd =
          charge.idToken === idToken || ((await isAccepted(idToken)) && isOfOneGroup(idToken, charge.idToken));
        if (mayEnd) outlet.stop('Local', idToken);
        return mayEnd;
      }
      const mayBegin = (await isAccepted(idToken)) && outlet.mayPermit(idToken);
      if (mayBegin) outlet.permit({ idToken, by: 'card' });
      return mayBegin;
    },
  };
}
