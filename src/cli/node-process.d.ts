/** What newer versions of Node have, and the types of the oldest one that segue runs on have not. */
declare namespace NodeJS {
  interface Process {
    /** Node 22.15 and newer, but for Windows. */
    execve?(file: string, args: readonly string[], env: ProcessEnv): never;
  }
}
