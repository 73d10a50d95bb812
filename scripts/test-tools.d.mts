/** A program or a right that tests need: an entry of test/tools.json. */
export interface Tool {
  /** Also the tag of the tests that need it. */
  readonly name: string;
  readonly for: string;
  /** The lowest one that was tried. */
  readonly version?: string;
  /** So many tests need it, or more. */
  readonly tests: number;
  /** Whether CI passes without it. */
  readonly mayBeMissing: boolean;
  /** For a shell: succeeds where it is here, and prints its version. */
  readonly probe: string;
  readonly debian?: string;
  readonly python?: { readonly folder: string; readonly requirements: string };
}

export const tools: readonly Tool[];

/** Those that are not here, or too old. */
export function missingTools(): Promise<readonly Tool[]>;
