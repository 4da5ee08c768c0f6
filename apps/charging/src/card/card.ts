/** What is written on cards is read by some stations in one case and by some in the other: it is compared in upper case. */
export const tokenOf = (written: string): string => written.toUpperCase();
