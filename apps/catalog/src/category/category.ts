import { AppError } from '@forecourt/errors';

interface Node {
  readonly id: string;
  readonly path: readonly string[];
}

/** Deep enough for a shop, and a bound on what a path may cost. */
export const maxDepth = 8;

/** The way from the root to a category below `parent`. Refuses `category_cycle`. */
export function pathBelow(parent: Node | null, id: string): string[] {
  if (!parent) return [id];
  if (parent.path.includes(id))
    throw new AppError('category_cycle', `Category ${id} cannot be inside of itself or of what is inside of it.`);
  if (parent.path.length >= maxDepth)
    throw new AppError('category_cycle', `Categories are at most ${maxDepth} levels deep.`);
  return [...parent.path, id];
}

/** The path of whatever was below `moved`, now that `moved` is somewhere else. */
export function pathAfterMove(path: readonly string[], moved: Node): string[] {
  return [...moved.path, ...path.slice(path.indexOf(moved.id) + 1)];
}
