/** What lists go by, of one product. */
export interface Facts {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Minor units; the doors take no price that a double would not hold. */
  readonly priceNow: number;
  readonly categoryId: string;
  readonly manufacturerId: string | null;
  readonly countryId: string | null;
  /** As JSON: the same tags come again and again. */
  readonly tags: string | null;
}

/** Values as small numbers. 0 is no value. */
export class Codes {
  readonly #codes = new Map<string, number>();
  readonly values: (string | null)[] = [null];

  /** The value's code, a new one when it has none. */
  of(value: string | null): number {
    if (value === null) return 0;
    const known = this.#codes.get(value);
    if (known !== undefined) return known;
    const code = this.values.push(value) - 1;
    this.#codes.set(value, code);
    return code;
  }

  find(value: string): number | undefined {
    return this.#codes.get(value);
  }
}

/** Each product has a slot: its place in every array. */
export class Columns {
  readonly ids: string[] = [];
  priceNow = new Float64Array(0);
  category = new Uint32Array(0);
  manufacturer = new Uint32Array(0);
  country = new Uint32Array(0);
  /** Which list of tags. */
  tagList = new Uint32Array(0);
  readonly categories = new Codes();
  readonly manufacturers = new Codes();
  readonly countries = new Codes();
  readonly tags = new Codes();
  /** The codes of the tags of each list, by its code. */
  readonly tagLists: (readonly number[])[] = [[]];
  /** Slots, oldest first, and cheapest first; ties by id. */
  byAge = new Uint32Array(0);
  byPrice = new Uint32Array(0);

  #createdAt = new Float64Array(0);
  readonly #slots = new Map<string, number>();
  readonly #free: number[] = [];
  readonly #tagListCodes = new Codes();

  /** Of the products with these ids, those that are shown are now like this; the others are shown no more. */
  put(ids: readonly string[], shown: readonly Facts[]): void {
    const before = ids.flatMap((id) => this.#slots.get(id) ?? []);
    const remaining = new Set(shown.map(({ id }) => id));
    for (const slot of before) {
      const id = this.ids[slot] as string;
      if (remaining.has(id)) continue;
      this.#slots.delete(id);
      this.#free.push(slot);
    }
    this.#makeRoom(this.ids.length + shown.length);
    const now = shown.map((facts) => this.#write(facts));
    const stays = new Uint8Array(this.ids.length).fill(1);
    for (const slot of before) stays[slot] = 0;
    const length = this.byAge.length - before.length + now.length;
    this.byAge = this.#merged(this.byAge, stays, now, this.#createdAt, length);
    this.byPrice = this.#merged(this.byPrice, stays, now, this.priceNow, length);
  }

  #write(facts: Facts): number {
    const slot = this.#slots.get(facts.id) ?? this.#free.pop() ?? this.ids.length;
    this.#slots.set(facts.id, slot);
    this.ids[slot] = facts.id;
    this.#createdAt[slot] = facts.createdAt;
    this.priceNow[slot] = facts.priceNow;
    this.category[slot] = this.categories.of(facts.categoryId);
    this.manufacturer[slot] = this.manufacturers.of(facts.manufacturerId);
    this.country[slot] = this.countries.of(facts.countryId);
    const tagList = this.#tagListCodes.of(facts.tags);
    this.tagList[slot] = tagList;
    if (facts.tags !== null)
      this.tagLists[tagList] ??= (JSON.parse(facts.tags) as (string | null)[]).map((tag) => this.tags.of(tag));
    return slot;
  }

  /** Looks at every product, however few have changed: for 100,000 some tenths of a millisecond. */
  #merged(
    order: Uint32Array,
    stays: Uint8Array,
    joining: readonly number[],
    keys: Float64Array,
    length: number,
  ): Uint32Array<ArrayBuffer> {
    const { ids } = this;
    const compare = (a: number, b: number) =>
      (keys[a] as number) - (keys[b] as number) || ((ids[a] as string) < (ids[b] as string) ? -1 : 1);
    const sorted = joining.toSorted(compare);
    const merged = new Uint32Array(length);
    let filled = 0;
    let next = 0;
    for (let at = 0; at < order.length; at += 1) {
      const slot = order[at] as number;
      if (stays[slot] === 0) continue;
      while (next < sorted.length && compare(sorted[next] as number, slot) < 0) {
        merged[filled++] = sorted[next++] as number;
      }
      merged[filled++] = slot;
    }
    merged.set(sorted.slice(next), filled);
    return merged;
  }

  #makeRoom(slots: number): void {
    if (slots <= this.priceNow.length) return;
    const capacity = Math.max(slots, Math.ceil(1.5 * this.priceNow.length));
    const doubles = (old: Float64Array) => {
      const grown = new Float64Array(capacity);
      grown.set(old);
      return grown;
    };
    const codes = (old: Uint32Array) => {
      const grown = new Uint32Array(capacity);
      grown.set(old);
      return grown;
    };
    this.#createdAt = doubles(this.#createdAt);
    this.priceNow = doubles(this.priceNow);
    this.category = codes(this.category);
    this.manufacturer = codes(this.manufacturer);
    this.country = codes(this.country);
    this.tagList = codes(this.tagList);
  }
}
