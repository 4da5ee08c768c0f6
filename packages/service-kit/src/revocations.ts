/** The sessions that ended less than a token's life ago; their tokens are worth nothing any more. */
export interface Revocations {
  /** Refuses `service_unavailable` when the feed has been away for too long to know. */
  isRevoked(sessionId: string): boolean;
  /** Throws, saying why, until every known revocation is in and while the feed is away. */
  assertCurrent(): void;
  close(): Promise<void>;
}
