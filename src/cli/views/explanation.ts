/** Why a score is what it is, and why an item is not among the answers, in a person's words. */
import type { Explanation, Reason, WhyNot } from '../../core/tasks/ask.js';
import { count, counted, score as scoreText } from '../terminal/numbers.js';
import { paragraph } from '../terminal/paragraph.js';
import { safeText } from '../terminal/safe-text.js';
import type { Screen } from '../terminal/screen.js';

/** Columns that explanations are set in by. */
const indent = 3;

type Absence = WhyNot & Partial<Explanation>;

/**
 * `because of "Plush" (43 %), "Hey Jude" (21 %), 240 others (41 %); less "Enter Sandman", disliked (−5 %)`, in whole lines of
 * the screen; undefined where nothing is explained. Shares of the score, or where that is not above 0 parts of it.
 */
export function drawExplanation(
  { knownBy = [], because, rest }: Partial<Explanation>,
  screen: Screen,
): string | undefined {
  if (because === undefined || rest === undefined) return undefined;
  const named = because.map(({ name, opinion, member, ...part }) => ({
    text: `${quoted(name)}${opinion === 'disliked' ? ', disliked' : ''} (${member === undefined ? '' : `${member} `}${partText(part)})`,
    adds: part.contribution >= 0,
  }));
  const others =
    rest.items === 0
      ? []
      : [{ text: `${counted(rest.items, 'other')} (${partText(rest)})`, adds: rest.contribution >= 0 }];
  const all = [...named, ...others];
  const list = (adds: boolean): string =>
    all
      .filter((part) => part.adds === adds)
      .map(({ text }) => text)
      .join(', ');
  const [more, less] = [list(true), list(false)];
  const sentence = [more === '' ? '' : `because of ${more}`, less === '' ? '' : `less ${less}`];
  const values = knownBy.map((part) => `${safeText(part.column)} ${quoted(part.value)} (${partText(part)})`);
  const own = values.length === 0 ? '' : `new, known by ${values.join(', ')}`;
  const said =
    [...sentence, own].filter((part) => part !== '').join('; ') ||
    'because of no item of their history: next by plays';
  return paragraph(said, screen, 'dim', indent);
}

/** A paragraph an item: where it stands, or what keeps it away. */
export function drawAbsences(absences: readonly Absence[], screen: Screen): string {
  return absences
    .map((absence) => {
      const { name, reason } = absence;
      const question = reason === 'recommended' ? quoted(name) : `Why not ${quoted(name)}`;
      const said = paragraph(absenceInWords(absence), screen, undefined, indent);
      return [paragraph(question, screen, 'bold'), said, drawExplanation(absence, screen)]
        .filter((line) => line !== undefined)
        .join('\n');
    })
    .join('\n\n');
}

function absenceInWords(absence: Absence): string {
  const { reason, reasons, rank, of, score, kthScore } = absence;
  const place =
    rank === null || score === null
      ? undefined
      : `number ${count(rank)} of ${count(of)}, with a score of ${signed(score)}`;
  const [first = '', ...others] = reasons.map((one) => reasonInWords(one, absence));
  const why = [first, ...others.map((one) => one.charAt(0).toLowerCase() + one.slice(1))].join('; ');
  if (place === undefined) return `${why}.`;
  if (reason === 'recommended') return `It is recommended: ${place}.`;
  const last = kthScore === null ? '' : `; the last recommendation has ${signed(kthScore)}`;
  if (reason === 'capped')
    return `It is ${place}${last}; but its artist is there as often as --max-per-artist allows already.`;
  if (reason === 'outranked') return `It is ${place}${last}.`;
  return `${why}. Otherwise it would be ${place}${last}.`;
}

function reasonInWords(reason: string, { flags, plays, lastAt }: Absence): string {
  const last = lastAt === null ? '' : `, last on ${lastAt.slice(0, 10)}`;
  switch (reason) {
    case 'no-vector':
      return 'No user played it, so it has no score';
    case 'banned':
      return 'They banned it';
    case 'disliked':
      return `They dislike it${last}`;
    case 'heard':
      return `It is a seen item (${counted(plays, 'event')}${last}); --include-heard keeps those`;
    case 'liked':
      return 'It is among their likes; --include-heard keeps those';
    case 'hidden':
      return 'It is hidden from everyone';
    case 'excluded':
      return '--exclude leaves it out';
    case 'filtered': {
      const others = flags.filter((flag) => flag !== '--exclude');
      return `${others.join(' and ')} ${others.length === 1 ? 'leaves' : 'leave'} it out`;
    }
    default:
      return reason;
  }
}

/** With a minus as wide as a plus, as shares have it. */
function signed(value: number): string {
  return scoreText(value).replace('-', '−');
}

function partText({ contribution, share }: Pick<Reason, 'contribution' | 'share'>): string {
  if (share === null) return signed(contribution);
  const points = share * 100;
  const text = Math.abs(points) >= 0.95 ? points.toFixed(0) : points.toFixed(1);
  return `${(/[1-9]/.test(text) ? text : '0').replace('-', '−')} %`;
}

function quoted(name: string): string {
  return `"${safeText(name)}"`;
}
