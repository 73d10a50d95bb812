/** Errors on their way from one thread to another, which of themselves lose their class, their code and what is with them. */
import { AppError, errnoOf, type ErrorCode } from '../errors.js';

/** What was thrown, as a message carries it. */
export type Thrown =
  | {
      readonly kind: 'app-error';
      readonly code: ErrorCode;
      readonly message: string;
      readonly stack: string | undefined;
      readonly suggestions: readonly string[];
      readonly details: Readonly<Record<string, unknown>>;
      readonly cause: Thrown | undefined;
    }
  /** A message carries an error of the language by itself, all but a system call's code. */
  | { readonly kind: 'error'; readonly error: Error; readonly errno: string | undefined }
  | { readonly kind: 'value'; readonly text: string };

export function thrownAs(thrown: unknown): Thrown {
  if (thrown instanceof AppError) {
    const { code, message, stack, suggestions, details, cause } = thrown;
    const from = cause === undefined ? undefined : thrownAs(cause);
    return { kind: 'app-error', code, message, stack, suggestions, details, cause: from };
  }
  if (thrown instanceof Error) return { kind: 'error', error: thrown, errno: errnoOf(thrown) };
  return { kind: 'value', text: String(thrown) };
}

/** The error again, for whoever waits for it here. */
export function errorOf(thrown: Thrown): Error {
  switch (thrown.kind) {
    case 'app-error': {
      const { code, message, stack = '', suggestions, details } = thrown;
      const cause = thrown.cause && errorOf(thrown.cause);
      return Object.assign(new AppError(code, message, { suggestions, details, cause }), { stack });
    }
    case 'error': {
      const { error, errno } = thrown;
      return errno === undefined ? error : Object.assign(error, { code: errno });
    }
    case 'value':
      return new Error(thrown.text);
  }
}
