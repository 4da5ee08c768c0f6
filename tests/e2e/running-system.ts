import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    gatewayUrl: string;
    /** For another process of identity on the same data. */
    identityEnvironment: Record<string, string>;
  }
}

/** The one system that all files share; `global-setup.ts` starts it. */
export const system = {
  get gatewayUrl(): string {
    return inject('gatewayUrl');
  },
  get identityEnvironment(): Record<string, string> {
    return inject('identityEnvironment');
  },
};
