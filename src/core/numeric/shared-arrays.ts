/** Whether threads can share memory: some runtimes and policies take SharedArrayBuffer away. Then one thread does all. */
export function sharesMemory(): boolean {
  return typeof SharedArrayBuffer === 'function';
}

/** Zeroed bytes that worker threads read where they are; the thread's own where nothing can be shared. */
export function sharedBytes(length: number): ArrayBufferLike {
  return sharesMemory() ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
}
