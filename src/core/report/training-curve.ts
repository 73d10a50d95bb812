/** The epochs of a training, which a snapshot does not keep: from what `train --json` printed. */
import { AppError } from '../errors.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { listAt, notIt, numberAt, numbersOf, objectAt, readDocument, textAt } from './json-document.js';

export interface TrainingEpoch {
  readonly epoch: number;
  readonly loss: number;
  /** What was measured after it, where training was to stop by it. */
  readonly metrics: ReadonlyMap<string, number>;
}

export interface TrainingCurve {
  /** Empty where the training was found complete. */
  readonly epochs: readonly TrainingEpoch[];
  /** The epoch whose model this is; null where it is not said. */
  readonly keptEpoch: number | null;
  readonly stoppedBy: string | null;
}

const command = 'segue train --json';

/** AppErrors: 'bad-input-file', and 'bad-usage' for a training that this snapshot is not of. */
export function readTrainingCurve(path: string, snapshot: OpenSnapshot): TrainingCurve {
  const document = readDocument(path, command);
  const basis = textAt(document, 'basis');
  if (basis === null || !Array.isArray(document['epochs']))
    throw notIt(path, command, 'it has no basis and epochs');
  if (basis !== snapshot.basis) {
    throw new AppError(
      'bad-usage',
      `${path} is of the training ${basis}, and ${snapshot.id} is of the training ${snapshot.basis}`,
      { suggestions: [`segue report ${basis}`], details: { file: path, basis } },
    );
  }
  return {
    epochs: listAt(document, 'epochs').flatMap((each) => {
      const [epoch, loss] = [numberAt(each, 'epoch'), numberAt(each, 'loss')];
      if (epoch === null || loss === null) return [];
      return [{ epoch, loss, metrics: numbersOf(objectAt(each, 'metrics')) }];
    }),
    keptEpoch: numberAt(document, 'keptEpoch'),
    stoppedBy: textAt(document, 'stoppedBy'),
  };
}
