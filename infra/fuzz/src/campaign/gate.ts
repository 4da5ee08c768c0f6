/** Many pass at once, until somebody asks to be alone: then those inside finish, and nobody else enters meanwhile. */
export class Gate {
  #inside = 0;
  #alone: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  async among<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#left();
    }
  }

  /** For one who is inside: leaves, waits for the others, and comes back when the work is done. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#left();
    while (this.#alone !== undefined) await this.#alone;
    let open = () => {};
    this.#alone = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#inside > 0) {
        await new Promise<void>((resolve) => {
          this.#emptied = resolve;
        });
      }
      return await work();
    } finally {
      this.#inside += 1;
      this.#alone = undefined;
      open();
    }
  }

  #left(): void {
    this.#inside -= 1;
    if (this.#inside > 0) return;
    this.#emptied?.();
    this.#emptied = undefined;
  }
}
