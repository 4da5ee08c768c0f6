import type { Reservation } from './charge.ts';

/** For whom an outlet is kept, until when. */
export interface Reserved {
  current(): Reservation | null;
  /** Tokens are the same in capitals and without. */
  isOpenTo(idToken: string): boolean;
  /** false: it is kept for somebody else. The same number again moves it. */
  keep(reservation: Reservation): boolean;
  /** It is over; gives what it was. */
  use(): Reservation | null;
}

export function createReserved(now: () => Date): Reserved {
  let kept: Reservation | null = null;
  const current = () => {
    if (kept && kept.expiresAt <= now()) kept = null;
    return kept;
  };
  return {
    current,
    isOpenTo: (idToken) => (current()?.idToken ?? idToken.toUpperCase()) === idToken.toUpperCase(),
    keep(wish) {
      if ((current()?.number ?? wish.number) !== wish.number) return false;
      kept = { ...wish, idToken: wish.idToken.toUpperCase() };
      return true;
    },
    use() {
      const used = current();
      kept = null;
      return used;
    },
  };
}
