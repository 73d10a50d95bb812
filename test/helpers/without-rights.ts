/** Runs something as a user who may read and write nothing of the tests' files: root, as in CI, may do all. */
export async function withoutRights<T>(run: () => T | Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run();
  process.seteuid!('nobody');
  try {
    return await run();
  } finally {
    process.seteuid!(0);
  }
}
