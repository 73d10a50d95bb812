/** The kinds of damage that need a seed only. */
export declare const seededKinds: readonly string[];

export interface Damage {
  readonly kind: string;
  readonly seed?: number;
}

/** The damaged bytes, which differ from `bytes` wherever that is possible. */
export declare function damaged(bytes: Buffer, damage: Damage): Buffer;
