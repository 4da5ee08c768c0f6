export interface ReportLine {
  /** The first row of data is 1. */
  readonly row: number;
  readonly sku: string;
  readonly externalId?: string;
  readonly result: 'created' | 'changed' | 'unchanged' | 'refused';
  readonly productId?: string;
  readonly errors?: readonly string[];
}

export interface ImportSummary {
  readonly dryRun: boolean;
  /** Whether what the lines say has been done. */
  readonly applied: boolean;
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
}
