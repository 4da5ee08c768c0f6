import type { FastifyReply } from 'fastify';
import type { Switches } from './switches.ts';

/** In whichever of the three places an error has been seen to have its word. */
export function refuse(reply: FastifyReply, status: number, word: string, { errorAt }: Pick<Switches, 'errorAt'>) {
  const body = errorAt === 'message' ? { message: word } : { [errorAt]: word, message: 'Алдаа гарлаа' };
  return reply.code(status).send(body);
}

export const statusOf = (word: string): number => (word.endsWith('_NOTFOUND') ? 404 : 400);
