import { type Box, type Place, type Strip, stripsOf } from './box.ts';
import { shares } from './shares.ts';

/** So many at once fit on a screen, and into an answer. */
export const mostOnMap = 1_000;

/** Each halving of the world that cells are told apart by; the last ones are a metre wide. */
const halvings = 25;
const size = 2 ** halvings;
/** Of so few it is quicker to look at each than at where they are. */
const few = 16;

/** Which of so many equal parts; the order of numbers is kept, so that what is at a border is on neither side by chance. */
const partOf = (distance: number, length: number): number => Math.min(size - 1, Math.floor((distance / length) * size));
const columnOf = (longitude: number): number => partOf(longitude + 180, 360);
const rowOf = (latitude: number): number => partOf(latitude + 90, 180);

/** With a zero between any two of its bits. */
function apart(bits: number): number {
  let spread = bits;
  spread = (spread | (spread << 8)) & 0x00ff00ff;
  spread = (spread | (spread << 4)) & 0x0f0f0f0f;
  spread = (spread | (spread << 2)) & 0x33333333;
  return (spread | (spread << 1)) & 0x55555555;
}

const low = 2 ** 13;
const interleaved = (column: number, row: number): number => apart(column) | (apart(row) << 1);
/** The bits of both by turns: what is in one cell is one stretch of the order, whatever the size of the cell. */
const placeInOrder = (column: number, row: number): number =>
  interleaved(Math.floor(column / low), Math.floor(row / low)) * low * low + interleaved(column % low, row % low);

/** A square of the world, and the stretch of the order that is in it. */
interface Cell {
  readonly column: number;
  readonly row: number;
  readonly side: number;
  readonly from: number;
  readonly to: number;
}

/** In parts of the world, ends included; the strip has the last word about what lies at its ends. */
interface Window {
  readonly strip: Strip;
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** What is in the window of a cell: all, some, or what is in its quarters. */
type View = { readonly area: number; readonly count: number } & (
  | { readonly kind: 'all'; readonly cell: Cell }
  | { readonly kind: 'some'; readonly seen: readonly number[] }
  | { readonly kind: 'quarters'; readonly quarters: readonly View[] }
);

/** A place, and what it is called in what an atlas answers. */
export interface Named extends Place {
  readonly position: number;
}

/** Side by side, by the order of the cells. */
interface Order {
  readonly positions: Uint32Array;
  readonly codes: Float64Array;
  readonly longitudes: Float64Array;
  readonly latitudes: Float64Array;
}

const orderFor = (count: number): Order => ({
  positions: new Uint32Array(count),
  codes: new Float64Array(count),
  longitudes: new Float64Array(count),
  latitudes: new Float64Array(count),
});

/** Places by where they are. It never changes: of what moves, another is made. */
export class Atlas {
  readonly #positions: Uint32Array;
  readonly #codes: Float64Array;
  readonly #longitudes: Float64Array;
  readonly #latitudes: Float64Array;

  private constructor({ positions, codes, longitudes, latitudes }: Order) {
    this.#positions = positions;
    this.#codes = codes;
    this.#longitudes = longitudes;
    this.#latitudes = latitudes;
  }

  /** Each is called by its position in the list. */
  static of(places: readonly Place[]): Atlas {
    return new Atlas(orderFor(0)).changed(
      [],
      places.map(({ longitude, latitude }, position) => ({ longitude, latitude, position })),
    );
  }

  /**
   * With those places gone, each as it was told, and these there besides. What lies between them is copied as it is: with a
   * hundred thousand that takes about a millisecond, and to sort them all anew takes hundreds.
   */
  changed(gone: readonly Named[], come: readonly Named[]): Atlas {
    const cuts = gone.map((place) => this.#indexOf(coded(place))).sort((one, other) => one - other);
    const coming = come.map(coded).sort((one, other) => one.code - other.code || one.position - other.position);
    const total = this.#positions.length;
    const order = orderFor(total - cuts.length + coming.length);
    let [read, written] = [0, 0];
    const copyTo = (end: number) => {
      order.positions.set(this.#positions.subarray(read, end), written);
      order.codes.set(this.#codes.subarray(read, end), written);
      order.longitudes.set(this.#longitudes.subarray(read, end), written);
      order.latitudes.set(this.#latitudes.subarray(read, end), written);
      written += end - read;
      read = end;
    };
    const cutUntil = (end: number) => {
      for (let cut = cuts[0]; cut !== undefined && cut < end; cut = cuts[0]) {
        copyTo(cut);
        read = cut + 1;
        cuts.shift();
      }
      copyTo(end);
    };
    for (const { position, code, longitude, latitude } of coming) {
      const end = this.#firstFrom(code, read, total);
      if (end > read) cutUntil(end);
      order.positions[written] = position;
      order.codes[written] = code;
      order.longitudes[written] = longitude;
      order.latitudes[written] = latitude;
      written += 1;
    }
    cutUntil(total);
    return new Atlas(order);
  }

  #indexOf({ code, position }: Coded): number {
    let at = this.#firstFrom(code, 0, this.#codes.length);
    while (at < this.#codes.length && this.#positions[at] !== position) at += 1;
    if (this.#codes[at] !== code) throw new Error(`place ${position} is not where it was said to be`);
    return at;
  }

  /** The positions of what is in the box; a thousand at most, spread over it. */
  within(box: Box): number[] {
    const world: Cell = { column: 0, row: 0, side: size, from: 0, to: this.#codes.length };
    const windows = stripsOf(box).map(windowOf);
    const views = windows.map((window) => this.#look(world, window));
    const found: number[] = [];
    this.#showEach(views, windows.map(areaOf), mostOnMap, found);
    return found;
  }

  /** Counts once what is in the window; only where the window ends is each place looked at. */
  #look(cell: Cell, window: Window): View {
    const area = overlapOf(cell, window);
    const standing = standingOf(cell, window);
    if (standing === 'outside' || cell.to === cell.from) return { kind: 'some', area, count: 0, seen: [] };
    if (standing === 'inside') return { kind: 'all', area, count: cell.to - cell.from, cell };
    if (isLeaf(cell)) {
      const seen = this.#seen(cell, window);
      return { kind: 'some', area, count: seen.length, seen };
    }
    const quarters = this.#quarters(cell).map((quarter) => this.#look(quarter, window));
    return { kind: 'quarters', area, count: quarters.reduce((sum, { count }) => sum + count, 0), quarters };
  }

  /** All that is there; when there is no room for it, some of each quarter, by how large it is in the window. */
  #show(view: View, room: number, found: number[]): void {
    if (view.kind === 'all') this.#showCell(view.cell, room, found);
    else if (view.kind === 'some') found.push(...view.seen.slice(0, room));
    else
      this.#showEach(
        view.quarters,
        view.quarters.map(({ area }) => area),
        room,
        found,
      );
  }

  #showEach(views: readonly View[], areas: readonly number[], room: number, found: number[]): void {
    const counts = views.map(({ count }) => count);
    for (const [at, share] of shares(counts, areas, room).entries()) {
      if (share > 0) this.#show(views[at] as View, share, found);
    }
  }

  #showCell(cell: Cell, room: number, found: number[]): void {
    const { from, to } = cell;
    if (room === 1) return void found.push(this.#positions[(from + to) >>> 1] as number);
    if (to - from <= room || isLeaf(cell)) {
      for (let at = from; at < Math.min(to, from + room); at += 1) found.push(this.#positions[at] as number);
      return;
    }
    const quarters = this.#quarters(cell);
    const counts = quarters.map((quarter) => quarter.to - quarter.from);
    for (const [at, share] of shares(
      counts,
      counts.map(() => 1),
      room,
    ).entries()) {
      if (share > 0) this.#showCell(quarters[at] as Cell, share, found);
    }
  }

  #seen({ from, to }: Cell, { strip }: Window): number[] {
    const seen: number[] = [];
    for (let at = from; at < to; at += 1) {
      const [longitude, latitude] = [this.#longitudes[at] as number, this.#latitudes[at] as number];
      const isIn =
        longitude >= strip.west && longitude <= strip.east && latitude >= strip.south && latitude <= strip.north;
      if (isIn) seen.push(this.#positions[at] as number);
    }
    return seen;
  }

  #quarters({ column, row, side, from, to }: Cell): Cell[] {
    const half = side / 2;
    const quarters: Cell[] = [];
    let begin = from;
    for (const [right, up] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const [x, y] = [column + right * half, row + up * half];
      const end = right && up ? to : this.#firstFrom(placeInOrder(x, y) + half * half, begin, to);
      if (end > begin) quarters.push({ column: x, row: y, side: half, from: begin, to: end });
      begin = end;
    }
    return quarters;
  }

  #firstFrom(code: number, from: number, to: number): number {
    let [least, most] = [from, to];
    while (least < most) {
      const middle = (least + most) >>> 1;
      if ((this.#codes[middle] as number) < code) least = middle + 1;
      else most = middle;
    }
    return least;
  }
}

interface Coded extends Named {
  readonly code: number;
}

/** The antimeridian has two names. */
function coded({ position, longitude, latitude }: Named): Coded {
  const eastern = longitude === 180 ? -180 : longitude;
  return { position, code: placeInOrder(columnOf(eastern), rowOf(latitude)), longitude: eastern, latitude };
}

const isLeaf = ({ side, from, to }: Cell): boolean => side === 1 || to - from <= few;

/** Where it ends with the world, nothing is cut in two. */
const windowOf = (strip: Strip): Window => ({
  strip,
  west: strip.west === -180 ? -1 : columnOf(strip.west),
  east: strip.east === 180 ? size : columnOf(strip.east),
  south: strip.south === -90 ? -1 : rowOf(strip.south),
  north: strip.north === 90 ? size : rowOf(strip.north),
});

/** `across`: in the same part of the world as an end of the window, so that each place has to be looked at. */
function standingOf(
  { column, row, side }: Cell,
  { west, east, south, north }: Window,
): 'inside' | 'outside' | 'across' {
  const [right, top] = [column + side - 1, row + side - 1];
  if (right < west || column > east || top < south || row > north) return 'outside';
  return column > west && right < east && row > south && top < north ? 'inside' : 'across';
}

const areaOf = ({ west, east, south, north }: Window): number => (east - west + 1) * (north - south + 1);

function overlapOf({ column, row, side }: Cell, { west, east, south, north }: Window): number {
  const width = Math.min(column + side - 1, east) - Math.max(column, west) + 1;
  const height = Math.min(row + side - 1, north) - Math.max(row, south) + 1;
  return Math.max(0, width) * Math.max(0, height);
}
