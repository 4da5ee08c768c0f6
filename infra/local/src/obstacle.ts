/** Something that its reader can clear away: the message says what is wrong and what to do, and no stack is shown. */
export class Obstacle extends Error {
  override readonly name = 'Obstacle';
}

/** What a failed file operation means, for whoever sees only the last line. */
export function explainFailure(error: unknown): string {
  if (error instanceof Obstacle) return error.message;
  const { code, path, message, stack } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
      return `The disk is full${path ? ` (${path})` : ''}. Make room and run it again.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `No permission to write to ${path ?? 'a file'}: ${message}`;
    default:
      return stack ?? String(error);
  }
}
