/** A thread that answers one query after the other. Started by answering-threads.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { TaskContext } from '../contracts.js';
import { sharedMemory } from '../compute/shared-memory.js';
import { thrownAs } from '../compute/thrown.js';
import { AppError } from '../errors.js';
import { snapshotAt } from '../snapshot/open-snapshot.js';
import type {
  AnsweringSetup,
  FromAnsweringThread,
  QueryMessage,
  ToAnsweringThread,
} from './answering-messages.js';
// Most are asked these: they are there before the first one is.
import './open-neighbours.js';
import './open-recommender.js';
import { openAnswers, type Answer, type QueryName } from './queries.js';

const { root, snapshot, inMemory, memory, abandoned } = workerData as AnsweringSetup;

/** Whoever asked has the reason already. */
function checkAbort(): void {
  if (Atomics.load(abandoned, 0) !== 0) throw new AppError('interrupted', 'interrupted');
}

const thread = { memory: sharedMemory(memory, checkAbort), checkAbort };
const answers = openAnswers(root, snapshotAt({ root, ...snapshot }), { inMemory, thread });
let asked: AbortController | undefined;

parentPort?.on('message', (message: ToAnsweringThread) => {
  if (message === 'abandon') asked?.abort();
  else void answer(message).then((said) => parentPort?.postMessage(said));
});

async function answer<Name extends QueryName>({
  name,
  question,
  now,
}: QueryMessage<Name>): Promise<FromAnsweringThread> {
  const { signal } = (asked = new AbortController());
  const onProgress: TaskContext['onProgress'] = (progress) => {
    const said: FromAnsweringThread = { progress };
    parentPort?.postMessage(said);
  };
  try {
    const given = await answers.ask(name, question, { signal, onProgress, now });
    return { answer: given as Answer<QueryName> };
  } catch (error) {
    return { thrown: thrownAs(error) };
  }
}
