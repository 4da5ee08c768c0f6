import type { Ref } from '../generate/draft.ts';

export type Fact = string | number | null;
export type Thing = Readonly<Record<string, Fact>>;

const roomPerCollection = 400;

/** What is known to exist, by the collection that it is in; of each the newest first. */
export class Things {
  readonly #collections = new Map<string, Thing[]>();

  all(collection: string): readonly Thing[] {
    return this.#collections.get(collection) ?? [];
  }

  look({ collection, field, at = 0 }: Ref): Fact | undefined {
    const things = this.all(collection).filter((thing) => thing[field] !== undefined);
    return things[at % things.length]?.[field];
  }

  push(collection: string, thing: Thing, room = roomPerCollection): void {
    this.#collections.set(collection, [thing, ...this.all(collection)].slice(0, room));
  }

  /** The newest has been used up. */
  drop(collection: string): void {
    this.#collections.get(collection)?.shift();
  }

  /** What a reply says of a thing; of one that is known it takes the place. */
  learn(collection: string, id: string, said: Readonly<Record<string, unknown>>): void {
    const facts = factsIn(said);
    const known = this.#collections.get(collection) ?? [];
    const at = known.findIndex((one) => one.id === id);
    if (at >= 0) known[at] = { ...known[at], ...facts, id };
    else this.push(collection, { ...facts, id });
  }

  /** Those whose id is in the target of a call that removed them. */
  forget(collection: string, target: string): void {
    this.#collections.set(
      collection,
      this.all(collection).filter(({ id }) => !target.includes(String(id))),
    );
  }
}

function factsIn(said: Readonly<Record<string, unknown>>): Thing {
  return Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) => {
      if (typeof value === 'string' || typeof value === 'number') return [[name, value]];
      return typeof value === 'boolean' ? [[name, String(value)]] : [];
    }),
  );
}
