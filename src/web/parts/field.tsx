import type { ComponentChild } from 'preact';

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  /** Values, and what they are called. */
  readonly options: readonly (readonly [value: string, name: string])[];
  readonly onPick: (value: string) => void;
}

/** One of a few values. */
export function Field({ label, value, options, onPick }: FieldProps): ComponentChild {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
        {options.map(([each, name]) => (
          <option key={each} value={each} selected={each === value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
