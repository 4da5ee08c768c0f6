/** When something came of a station last. Times are milliseconds of `performance.now()`. */
export class Pulse {
  #heardAt = performance.now();
  #pingedAt = 0;

  get heardAt(): number {
    return this.#heardAt;
  }

  beat(): void {
    this.#heardAt = performance.now();
  }

  /** Asks for a sign of life who has been quiet for so long, and gives up who stays so. */
  check(now: number, quietMs: number, wire: { ping(): void; terminate(): void }): void {
    if (now - this.#heardAt < quietMs) return;
    if (this.#pingedAt < this.#heardAt) {
      this.#pingedAt = now;
      wire.ping();
    } else if (now - this.#pingedAt >= quietMs) {
      wire.terminate();
    }
  }
}
