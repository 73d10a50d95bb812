/** stdout as a place for bytes; each write resolves once they were taken, so that none pile up in memory. */
export const stdoutBytes = {
  write: (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      process.stdout.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        // Nobody reads any more: main.ts ends the process then, whatever the command.
        else if (!('code' in error) || error.code !== 'EPIPE') reject(error);
      });
    }),
};
