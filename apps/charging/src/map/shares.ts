/** How much each may show, so that all together show `room`: by their weights, as far as what they have allows. */
export function shares(counts: readonly number[], weights: readonly number[], room: number): readonly number[] {
  if (counts.reduce((sum, count) => sum + count, 0) <= room) return counts;
  const given = counts.map(() => 0);
  // Whoever has the least for their weight is served first, so that what they leave is the others'.
  const order = [...counts.keys()].filter((at) => (counts[at] as number) > 0);
  order.sort(
    (one, other) =>
      (counts[one] as number) * (weights[other] as number) - (counts[other] as number) * (weights[one] as number),
  );
  let left = room;
  let weight = order.reduce((sum, at) => sum + (weights[at] as number), 0);
  for (const at of order) {
    const own = weights[at] as number;
    const share = weight > 0 ? Math.round((left * own) / weight) : left;
    given[at] = Math.min(counts[at] as number, share, left);
    left -= given[at] as number;
    weight -= own;
  }
  return given;
}
