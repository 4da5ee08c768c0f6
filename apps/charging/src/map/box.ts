/** Degrees; borders are inside. `west` greater than `east`: it crosses the antimeridian. */
export interface Box {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** A box that does not cross the antimeridian, which it calls -180. */
export type Strip = Box;

/** The box as strips; none of them has anything of another. */
export function stripsOf(box: Box): Strip[] {
  const { west, east } = box;
  const strip = (from: number, to: number): Strip => ({ ...box, west: from, east: to });
  const antimeridian = strip(-180, -180);
  if (west > east) return west === 180 ? [strip(-180, east)] : [strip(west, 180), strip(-180, east)];
  if (east < 180 || west === -180) return [box];
  return west === 180 ? [antimeridian] : [box, antimeridian];
}
