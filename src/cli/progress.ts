/**
 * Progress on stderr. On a terminal one line is redrawn (bar, count, rate, time to go, note) and gone at the end; into a
 * file or pipe a phase is a line of its own, and only if it takes long: then a line a minute.
 */
import type { Progress } from '../core/contracts.js';
import { bar } from './terminal/bar.js';
import { atRoot, suggestionLine } from './terminal/command-line.js';
import { cut, roughWidth } from './terminal/display-width.js';
import { byteSize, count, duration } from './terminal/numbers.js';
import type { Loudness } from './json-mode.js';
import { withFlags } from './terminal/option-names.js';
import { safeText } from './terminal/safe-text.js';
import { styled, type Screen } from './terminal/screen.js';
import { hanging } from './terminal/wrapped-lines.js';

/** What of a stream is written to. */
export interface ProgressStream {
  write(text: string): unknown;
}

export interface ProgressLine {
  readonly onProgress: (progress: Progress) => void;
  /** Takes the line away: nothing of it stays. */
  clear(): void;
  /** The same, at the end: verbosely it says which snapshot the answer is of, where there is one, and what the whole took. */
  end(snapshot?: string): void;
}

/** Redrawing more often than the eye follows only costs time. */
const redrawEveryMs = 80;
/** Off a terminal, phases that end sooner are not worth a line. */
const longPhaseMs = 5_000;
/** Off a terminal, a phase that goes on and on says so again. */
const lineEveryMs = 60_000;
const barWidth = 20;
const leastBarWidth = 5;
const clearLine = '\r\x1b[2K';

type Step = Extract<Progress, { kind: 'step' }>;

/** `root` is the --root that was typed. Quietly there is no line, and no note. */
export function startProgress(
  stream: ProgressStream,
  screen: Screen,
  now: () => number = () => performance.now(),
  root?: string,
  loudness: Loudness = 'usual',
): ProgressLine {
  const startedAt = now();
  let last: Step | undefined;
  let phaseStartedAt = 0;
  let drawnAt = -Infinity;
  let announcedAt = -Infinity;
  let visible = false;

  const clear = (): void => {
    if (visible) stream.write(clearLine);
    visible = false;
  };

  /** Verbosely, a phase that is over leaves a line. */
  const leave = (at: number): void => {
    if (last === undefined || loudness !== 'verbose') return;
    clear();
    const { phase, done, total, unit } = last;
    const amount = unit === 'bytes' ? byteSize(total ?? done) : `${count(total ?? done)} ${unit}`;
    stream.write(`${safeText(`${phase}: ${amount} in ${duration((at - phaseStartedAt) / 1000)}`)}\n`);
  };

  const step = (progress: Step): void => {
    if (loudness === 'quiet') return;
    const at = now();
    const isNext = progress.phase !== last?.phase;
    if (isNext) leave(at);
    last = progress;
    if (isNext) {
      phaseStartedAt = at;
      announcedAt = -Infinity;
      drawnAt = -Infinity;
    }
    const elapsedMs = at - phaseStartedAt;
    if (screen.decorated) {
      if (at - drawnAt < redrawEveryMs && progress.done !== progress.total) return;
      drawnAt = at;
      visible = true;
      stream.write(clearLine + progressLine(progress, elapsedMs, screen));
    } else if (elapsedMs >= longPhaseMs && at - announcedAt >= lineEveryMs) {
      announcedAt = at;
      stream.write(`${progressLine(progress, elapsedMs, screen)}\n`);
    }
  };

  return {
    clear,
    end(snapshot?: string): void {
      clear();
      if (loudness !== 'verbose') return;
      const at = now();
      leave(at);
      if (snapshot !== undefined) stream.write(`snapshot ${safeText(snapshot)}\n`);
      const memory = byteSize(process.resourceUsage().maxRSS * 1024);
      stream.write(
        `took ${duration((at - startedAt) / 1000)}, at most ${memory} of memory, on Node ${process.versions.node}\n`,
      );
    },
    onProgress(progress): void {
      if (progress.kind === 'step') {
        step(progress);
        return;
      }
      if (progress.kind === 'note' && loudness === 'quiet') return;
      clear();
      const kind = progress.kind === 'note' ? 'Note:' : 'Warning:';
      const label = kind === 'Note:' ? kind : styled(screen, 'yellow', kind);
      stream.write(`${hanging(label, kind.length, safeText(withFlags(progress.message)), screen.width)}\n`);
      for (const suggestion of progress.suggestions ?? [])
        stream.write(`${suggestionLine(atRoot(withFlags(suggestion), root), screen)}\n`);
    },
  };
}

/** `solving users ████▌      45 %  12,000/26,000 users  8,400/s  0:02 left  loss 0.1234`, at most the screen's width. */
export function progressLine(step: Step, elapsedMs: number, screen: Screen): string {
  const { done, total, unit } = step;
  const rate = elapsedMs > 0 ? done / (elapsedMs / 1000) : 0;
  const phase = safeText(step.phase);
  const parts: string[] = [];
  const fraction = total !== undefined && total > 0 ? Math.min(1, done / total) : undefined;
  if (total !== undefined && fraction !== undefined) {
    parts.push(`${String(Math.floor(fraction * 100)).padStart(3)} %`);
    parts.push(
      unit === 'bytes' ? `of ${byteSize(total)}` : `${count(done)}/${count(total)} ${safeText(unit)}`,
    );
  } else {
    parts.push(unit === 'bytes' ? byteSize(done) : `${count(done)} ${safeText(unit)}`);
  }
  const speed = rate < 10 ? undefined : unit === 'bytes' ? `${byteSize(rate)}/s` : `${count(rate)}/s`;
  const byRate = total === undefined || rate === 0 ? undefined : (total - done) / rate;
  const secondsLeft = step.secondsLeft ?? byRate;
  const isLeft = secondsLeft !== undefined && total !== undefined && done < total && elapsedMs > 1000;
  const left = isLeft ? `${clock(secondsLeft)} left` : undefined;
  // One column stays free: some terminals wrap when the last one is written.
  const width = screen.width - 1;
  // Where both do not fit, when it will be done says more than how fast it goes.
  const both = [phase, ...parts, speed, left].filter((part) => part !== undefined);
  const hasRoom = left === undefined || roughWidth(both.join('  ')) <= width;
  if (speed !== undefined && hasRoom) parts.push(speed);
  if (left !== undefined) parts.push(left);
  if (step.note !== undefined) parts.push(safeText(step.note));
  if (!screen.decorated || fraction === undefined) return fitted([phase, ...parts], width);
  // The bar gives way to messages.
  const room = width - [phase, ...parts].reduce((sum, part) => sum + roughWidth(part) + 2, 0);
  const bars = Math.min(barWidth, room);
  const drawn = bars < leastBarWidth ? [] : [bar(fraction, bars).padEnd(bars)];
  return fitted([phase, ...drawn, ...parts], width);
}

/** Whole parts from the front, as many as fit. */
function fitted(parts: readonly string[], width: number): string {
  let line = cut(parts[0] ?? '', width, roughWidth);
  for (const part of parts.slice(1)) {
    if (roughWidth(line) + 2 + roughWidth(part) > width) break;
    line += `  ${part}`;
  }
  return line;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
