/** Of `report`: what is on the page beside the snapshot itself, and where it goes. */
import { optionValues } from '../../core/options/values.js';
import { inGroup, text, texts, toggle, withEnvironment } from './flag-kinds.js';

/** Of commands that write a page beside what they do. */
export const reportFile = inGroup(
  'OUTPUT',
  withEnvironment({
    report: text({
      description:
        'HTML file to write too, replacing one that is there: the snapshot and its changes, as report draws them',
      helpValue: 'FILE',
    }),
  }),
);

export const reportFlags = {
  ...inGroup(
    'COMPARISON',
    withEnvironment({
      against: text({
        description:
          'snapshot to compare with, as diff-snapshots does: id, unique prefix, tag, current, previous or latest',
        helpValue: 'REF',
      }),
    }),
  ),
  ...inGroup(
    'INPUT',
    withEnvironment({
      item: texts({
        description:
          'item whose neighbours to show, by id or name, before those of the most played (repeatable)',
        helpValue: 'ITEM',
      }),
      training: text({
        description: 'what train --json printed, for the loss of every epoch',
        helpValue: 'FILE',
      }),
      'no-map': toggle({
        description: 'leave the map out, which takes seconds to a minute where none is kept yet',
      }),
      evaluation: text({
        description: 'what evaluate --json printed, for metrics with intervals and the baseline',
        helpValue: 'FILE',
      }),
    }),
  ),
  ...inGroup(
    'OUTPUT',
    withEnvironment({
      out: text({
        description: 'HTML file to write; - is stdout',
        helpValue: 'FILE',
        ...optionValues.report,
      }),
      figures: text({
        description: 'folder to write each figure into too, as SVG',
        helpValue: 'DIR',
      }),
      png: toggle({
        description: 'write each figure as PNG too; needs the package @resvg/resvg-wasm',
      }),
    }),
  ),
};
