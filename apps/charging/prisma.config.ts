import { prismaConfig } from '@forecourt/prisma-tools';

export default prismaConfig('charging');
