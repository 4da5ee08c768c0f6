import type { PackageTerms } from '@forecourt/contracts';

/** What the `package_…` columns of a row make of a product: with a period it is a package, and without one it is none. */
export function packageAfter(
  fields: ReadonlyMap<string, unknown>,
  before: PackageTerms | null,
  errors: string[],
): PackageTerms | null {
  const said = <T>(column: string, otherwise: T): T => (fields.has(column) ? (fields.get(column) as T) : otherwise);
  const period = said<PackageTerms['period'] | null>('package_period', before?.period ?? null);
  if (period !== null) {
    return {
      period,
      renews: said('package_renews', before?.renews ?? true),
      line: said('package_line', before?.line ?? null),
      contents: said('package_contents', before?.contents ?? []),
    };
  }
  const line = said<string | null>('package_line', null);
  const contents = said<readonly unknown[]>('package_contents', []);
  if (fields.has('package_renews') || line !== null || contents.length > 0)
    errors.push('package_period: a package needs one');
  return null;
}
