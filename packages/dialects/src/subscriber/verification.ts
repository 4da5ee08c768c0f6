/**
 * How the call that sent a code names it, and how `/validate` is told: in a cookie, and in a header for callers that keep
 * none. Both hold the id of the code's request.
 */
export const verification = { cookie: 'verification', header: 'x-verification' } as const;
