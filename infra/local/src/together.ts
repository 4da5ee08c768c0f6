/** As Promise.all, but it fails when all have ended: nothing is begun behind the back of whoever clears up. */
export async function together<T extends readonly Promise<unknown>[]>(...works: T) {
  await Promise.allSettled(works);
  return await Promise.all(works);
}
