/**
 * Ctrl-C and termination as an AbortSignal: the first one asks the task to stop and clean up, a second one ends the
 * process at once.
 *
 * SIGHUP keeps its default: a listener would undo `nohup`.
 */
import { AppError } from '../core/errors.js';

export interface Interrupts {
  /** Aborted with an AppError ('interrupted' or 'terminated') as its reason. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  stop(): void;
}

export function listenForInterrupts(): Interrupts {
  const controller = new AbortController();
  const abort = (reason: AppError): void => {
    if (controller.signal.aborted) process.exit(reason.exitCode);
    controller.abort(reason);
  };
  const onInterrupt = (): void => {
    abort(new AppError('interrupted', 'interrupted'));
  };
  const onTerminate = (): void => {
    abort(new AppError('terminated', 'terminated'));
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    stop(): void {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
