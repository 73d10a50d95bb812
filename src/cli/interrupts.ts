/**
 * Ctrl-C, termination, a terminal that is gone and Ctrl-\ as an AbortSignal: the first one asks the task to stop and
 * clean up, a second one ends the process at once. (Node takes away what nohup does before a program can see it, so
 * listening for SIGHUP undoes nothing.)
 */
import { AppError } from '../core/errors.js';

export interface Interrupts {
  /** Aborted with an AppError ('interrupted', 'terminated' …) as its reason. */
  readonly signal: AbortSignal;
  /** From now on SIGHUP asks for this, and ends nothing. */
  onHangUp(listener: () => void): void;
  /** Stops listening. */
  stop(): void;
}

const reasons = [
  ['SIGINT', 'interrupted', 'interrupted'],
  ['SIGTERM', 'terminated', 'terminated'],
  ['SIGHUP', 'hung-up', 'hung up'],
  ['SIGQUIT', 'quit', 'quit'],
] as const;

export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  let hangUp: (() => void) | undefined;
  const listeners = reasons.map(([name, code, message]) => {
    const listener = (): void => {
      if (code === 'hung-up' && hangUp !== undefined) {
        hangUp();
        return;
      }
      const reason = new AppError(code, message);
      if (controller.signal.aborted) process.exit(reason.exitCode);
      controller.abort(reason);
    };
    process.on(name, listener);
    return [name, listener] as const;
  });
  return {
    signal: controller.signal,
    onHangUp(listener): void {
      hangUp = listener;
    },
    stop(): void {
      for (const [name, listener] of listeners) process.off(name, listener);
    },
  };
}
