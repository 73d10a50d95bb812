/** The kinds of damage that need a seed only. */
export declare const seededKinds: readonly string[];
