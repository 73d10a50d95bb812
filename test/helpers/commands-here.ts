/** `segue` for scripts of a shell, whose commands run in the process of the test (run-here.ts): most of what a process costs is its start. */
import { createReadStream, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { runHere } from './run-here.js';
import { binPath } from './run-segue.js';

/** What runs until it is told to end, needs a terminal, or reads what another writes, has a process of its own: two of those may wait for each other. */
const client = (port: number): string => `#!/bin/bash
case "\${1-}" in serve | explore | follow | browse) exec ${binPath} "$@" ;; esac
if [[ -p /dev/stdin || -S /dev/stdin ]]; then exec ${binPath} "$@"; fi
exec 3<>/dev/tcp/127.0.0.1/${port} && echo $$ >&3
while read -r -u 3 what value; do
  case $what in
    1) cat "$value" ;;
    2) cat "$value" >&2 ;;
    exit) exit "$value" ;;
  esac
done
echo 'the test has ended' >&2
exit 125
`;

/**
 * Writes `directory`/segue, for the PATH of a shell. The environment, the directory, the arguments and the files that are its
 * stdin are those of the process that the shell starts; output comes in the order in which it is written, at the end.
 *
 * @returns what ends it
 */
export async function serveCommandsIn(directory: string): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .once('data', (pid) => {
        answer(socket, pid.toString().trim(), directory).catch((error: unknown) => {
          socket.destroy();
          throw error;
        });
      })
      .on('error', () => undefined)
      .on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(directory, 'segue'), client(port), { mode: 0o755 });
  return async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
}

async function answer(socket: Socket, pid: string, directory: string): Promise<void> {
  const listOf = (name: string): string[] =>
    readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').slice(0, -1);
  const env = listOf('environ').map((each): [string, string] => {
    const at = each.indexOf('=');
    return [each.slice(0, at), each.slice(at + 1)];
  });
  // Behind the shell and the script.
  const args = listOf('cmdline').slice(2);
  const written: { readonly stream: 1 | 2; readonly chunks: Buffer[] }[] = [];
  const { code } = await runHere(args, {
    cwd: readlinkSync(`/proc/${pid}/cwd`),
    env: Object.fromEntries(env),
    stdin: createReadStream(`/proc/${pid}/fd/0`),
    onOutput(stream, chunk) {
      const last = written.at(-1);
      if (last?.stream === stream) last.chunks.push(chunk);
      else written.push({ stream, chunks: [chunk] });
    },
  });
  const files = written.map(({ stream, chunks }, at) => {
    const path = join(directory, `${pid}-${at}`);
    writeFileSync(path, Buffer.concat(chunks));
    return { stream, path };
  });
  socket.on('close', () => {
    for (const { path } of files) rmSync(path, { force: true });
  });
  socket.end([...files.map(({ stream, path }) => `${stream} ${path}`), `exit ${String(code)}\n`].join('\n'));
}
