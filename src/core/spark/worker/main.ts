/**
 * The worker of an executor: `node compute/main.js SOCKET THREADS`, where scripts/build-spark.mjs has laid it out. It checks its
 * kernels, says on stdout that it is ready or what is wrong, and then answers frames on the socket: those of events each
 * connection in a thread of its own, others one at a time, on all threads. It ends when nobody has been connected for a while:
 * every task that could ask something holds a connection.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { AppError } from '../../errors.js';
import { readFrames, writeFrame, type Frame } from '../frames.js';
import { kernelsHash, wantedKernelsHash } from '../kernels-hash.js';
import { failedHead } from '../worker-jobs.js';
import { Answerer } from './answerer.js';
import { EventThread, isOfEvents, KeptItems } from './event-thread.js';

/** Longer than a Python process takes from one task to the next, and no longer than anybody minds. */
const idleMs = 10_000;

const [socketPath = '', threads = '1'] = process.argv.slice(2);
const server = createServer((socket) => void serve(socket));
const answerer = new Answerer(Number(threads));
const items = new KeptItems();
let connections = 0;
let idle: NodeJS.Timeout | undefined;
let last: Promise<void> = Promise.resolve();

const gotHash = await kernelsHash();
if (gotHash === wantedKernelsHash) listen();
else
  say(
    failedHead(
      new AppError(
        'engine-failed',
        `the kernels compute other bits on this machine (${process.arch}): got ${gotHash}, wanted ${wantedKernelsHash}`,
        { suggestions: ['leave machines of this kind out of the cluster'] },
      ),
    ),
  );

function listen(): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  server.listen(socketPath, () => {
    say({ version });
    endWhenIdle();
  });
}

function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

function endWhenIdle(): void {
  idle = setTimeout(() => {
    server.close();
    void answerer.close();
  }, idleMs);
}

async function serve(socket: Socket): Promise<void> {
  connections++;
  clearTimeout(idle);
  // Whoever asked is gone: its task is tried again, and asks anew.
  socket.on('error', () => socket.destroy());
  const events = new EventThread(items);
  try {
    for await (const frame of readFrames(socket)) {
      const { head, blobs } = frame;
      if (isOfEvents(head)) await writeFrame(socket, await events.answer(head, blobs));
      else await answerInTurn(socket, frame);
    }
  } catch {
    socket.destroy();
  } finally {
    void events.close();
    connections--;
    if (connections === 0) endWhenIdle();
  }
}

/** Frames of other connections arrive meanwhile. */
function answerInTurn(socket: Socket, frame: Frame): Promise<void> {
  last = last.then(async () => {
    if (socket.destroyed) return;
    await writeFrame(socket, await answerer.answer(frame)).catch(() => undefined);
  });
  return last;
}
