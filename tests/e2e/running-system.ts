import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    gatewayUrl: string;
    /** Every process, where only other processes reach it. */
    processes: { name: string; service: string; url: string }[];
    /** Each service's tables, as its own role. */
    databaseUrls: string[];
    /** For another process of identity on the same data. */
    identityEnvironment: Record<string, string>;
  }
}

/** The one system that all files share; `global-setup.ts` starts it. */
export const system = {
  get gatewayUrl(): string {
    return inject('gatewayUrl');
  },
  get processes(): { name: string; service: string; url: string }[] {
    return inject('processes');
  },
  get databaseUrls(): string[] {
    return inject('databaseUrls');
  },
  get identityEnvironment(): Record<string, string> {
    return inject('identityEnvironment');
  },
};
