/** Something that no request may bring about, and the smallest request that does. */
export interface Finding {
  readonly where: string;
  readonly fault: string;
  /** How it was broken; empty for a request that its document allows. */
  readonly kinds: readonly string[];
  /** For a shell. */
  readonly reproduction: string;
  /** Parameters of `npm run fuzz` that send it again; undefined where it was no generated request. */
  readonly replay: string | undefined;
  readonly answer: string;
  times: number;
}

/**
 * What makes two findings one: the numbers and names in a fault differ from request to request. One that comes from how
 * a request is framed is the same everywhere; one that comes from a field is its call's own.
 */
const signatureOf = ({ where, fault, kinds }: Pick<Finding, 'where' | 'fault' | 'kinds'>): string => {
  const framing = kinds.length > 0 && kinds.every((kind) => /^(header|target|method|document)\./.test(kind));
  return `${framing ? '' : where} ${fault
    .replaceAll(/"[^"]*"|\{.*\}|\d+/g, '…')
    .replaceAll(/\/[\w/-]*/g, '/')
    .slice(0, 120)}`;
};

/** Findings, each once. */
export class Findings {
  readonly #all = new Map<string, Finding>();

  get all(): readonly Finding[] {
    return [...this.#all.values()];
  }

  /** Whether it is known already; then it is counted. */
  known(one: Pick<Finding, 'where' | 'fault' | 'kinds'>): boolean {
    const finding = this.#all.get(signatureOf(one));
    if (finding) finding.times += 1;
    return finding !== undefined;
  }

  add(finding: Omit<Finding, 'times'>): void {
    if (!this.known(finding)) this.#all.set(signatureOf(finding), { ...finding, times: 1 });
  }
}

/** Of no request in particular. */
export const plainFinding = (where: string, fault: string): Finding => ({
  where,
  fault,
  kinds: [],
  reproduction: '',
  replay: undefined,
  answer: '',
  times: 1,
});
