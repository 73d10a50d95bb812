import { readFileSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { errorOf, thrownAs, type Thrown } from '#dist/core/compute/thrown.js';
import { AppError, isDenied, isOutOfMemory, machineError } from '#dist/core/errors.js';

/** As it comes out of a message. */
function sent(thrown: unknown): Error {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(thrownAs(thrown));
  const { message } = receiveMessageOnPort(port2) as { message: Thrown };
  port1.close();
  return errorOf(message);
}

describe('an error that another thread threw', () => {
  it('is an AppError with all that it says', () => {
    const details = { closest: ['a', 'b'], line: 3, nothing: null };
    const error = new AppError('item-not-found', 'no item "x"', {
      suggestions: ['did you mean a?'],
      details,
    });
    const got = sent(error);
    expect(got).toBeInstanceOf(AppError);
    expect(Object.entries(got)).toEqual(Object.entries(error));
    expect(got).toMatchObject({ message: error.message, exitCode: 3, stack: error.stack });
  });

  it('keeps what it came from, as far as anyone asks', () => {
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    expect(isDenied(sent(machineError(denied, 'open x')))).toBe(true);
    let missing: unknown;
    try {
      readFileSync('/nowhere/at/all');
    } catch (error) {
      missing = error;
    }
    expect(sent(missing)).toMatchObject({ code: 'ENOENT', message: expect.stringContaining('ENOENT') });
    expect(isOutOfMemory(sent(new RangeError('Array buffer allocation failed')))).toBe(true);
    expect(sent('a word')).toMatchObject({ message: 'a word' });
  });
});
