import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openFileSource } from '#dist/core/realtime/file-source.js';
import {
  maxLineBytes,
  type EventSource,
  type FileMark,
  type SourceEvent,
} from '#dist/core/realtime/source.js';
import { openStreamSource } from '#dist/core/realtime/stream-source.js';
import { describeSource, readToEnd } from '../../helpers/source-contract.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();

const fileSource = (
  path: string,
  known: ReadonlyMap<string, number> = new Map(),
  once = true,
  marks: ReadonlyMap<string, FileMark> = new Map(),
) => {
  const warnings: string[] = [];
  const onWarning = (message: string): void => void warnings.push(message);
  return {
    source: openFileSource(path, { known, stored: new Map(), marks, once, onWarning, pollMs: 1 }),
    warnings,
  };
};
const line = (id: string): string => `${JSON.stringify({ user: 'u', item: 'a', id })}\n`;
const idsOf = (events: readonly SourceEvent[]): string[] =>
  events.map(({ text }) => (JSON.parse(text) as { id: string }).id);
const allOf = (read: ReadonlyMap<string, SourceEvent[]>): SourceEvent[] => [...read.values()].flat();
const reached = (read: ReadonlyMap<string, SourceEvent[]>): Map<string, number> =>
  new Map([...read].flatMap(([partition, events]) => events.map(({ offset }) => [partition, offset])));

describeSource('a file', () => {
  const path = join(makeDirectory(), 'plays.ndjson');
  writeFileSync(path, '');
  const open = (known: ReadonlyMap<string, number>): EventSource => fileSource(path, known).source;
  return { open, send: (event, id) => open(new Map()).publish(event, id) };
});

describeSource('a stream that is sent again from its start', () => {
  const sent: string[] = [];
  return {
    // In pieces that end anywhere.
    open: () =>
      openStreamSource(
        'plays',
        Readable.from(sent.join('').match(/[^]{1,37}/g) ?? []).map(Buffer.from),
        () => undefined,
      ),
    send(event, id) {
      sent.push(`${JSON.stringify({ ...event, id })}\n`);
      return Promise.resolve();
    },
  };
});

/** Reads as a follower does, until `enough` events are there. */
async function follow(source: EventSource, enough: number, each: (events: readonly SourceEvent[]) => void) {
  let count = 0;
  const at = new Map<string, number>();
  while (count < enough) {
    for (const partition of (await source.partitions()) ?? []) {
      for await (const batch of source.read(partition, at.get(partition) ?? 0)) {
        count += batch.length;
        at.set(partition, batch.at(-1)!.offset);
        each(batch);
        if (count >= enough) break;
      }
    }
    await setTimeout(1);
  }
  source.close();
}

describe('a file that is followed', () => {
  it('is read through rotation, to the last line of each file', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0'));
    const { source, warnings } = fileSource(path, new Map(), false);
    const ids: string[] = [];
    let next = 1;
    await follow(source, 40, (events) => {
      ids.push(...idsOf(events));
      if (next >= 40) return;
      appendFileSync(path, line(String(next++)));
      if (next % 7 !== 0) return;
      renameSync(path, `${path}.${next}`);
      // Whoever writes may still have it open.
      appendFileSync(`${path}.${next}`, line(String(next++)));
      writeFileSync(path, line(String(next++)));
    });
    expect(ids).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    expect(warnings).toEqual([]);
  });

  it('is read anew where it was cut', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('before') + line('more'));
    const { source, warnings } = fileSource(path, new Map(), false);
    const ids: string[] = [];
    await follow(source, 3, (events) => {
      ids.push(...idsOf(events));
      if (ids.length !== 2) return;
      truncateSync(path);
      appendFileSync(path, line('after'));
    });
    expect(ids).toEqual(['before', 'more', 'after']);
    expect(warnings).toEqual([`${path} was cut: what follows is read as a new file`]);
  });

  it('is waited for where it is not there', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    const { source, warnings } = fileSource(path, new Map(), false);
    expect(await source.partitions()).toEqual([]);
    writeFileSync(path, '{"user": "u"');
    // Not before its first line has ended: that is what it is known by.
    expect(await source.partitions()).toEqual([]);
    appendFileSync(path, ', "item": "a"}\n');
    expect(await source.partitions()).toHaveLength(1);
    expect(warnings).toEqual([`${path} is not there yet; it is waited for`]);
    source.close();
  });

  it('leaves the half of a line until the rest of it is there, after rotation too', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    const half = line('1').slice(0, 9);
    writeFileSync(path, line('0') + half);
    const { source } = fileSource(path, new Map(), false);
    const ids: string[] = [];
    await follow(source, 3, (events) => {
      ids.push(...idsOf(events));
      if (ids.length > 1) return;
      renameSync(path, `${path}.1`);
      void setTimeout(20).then(async () => {
        appendFileSync(`${path}.1`, line('1').slice(9));
        await setTimeout(20);
        writeFileSync(path, line('2'));
      });
    });
    expect(ids).toEqual(['0', '1', '2']);
  });

  it('is found again where it was rotated away meanwhile, with those after it', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1'));
    const { source } = fileSource(path);
    const [partition] = (await source.partitions()) ?? [];
    const known = new Map([[partition!, line('0').length]]);
    source.close();
    appendFileSync(path, line('2'));
    renameSync(path, `${path}.2`);
    await setTimeout(5);
    writeFileSync(`${path}.1`, line('3'));
    await setTimeout(5);
    writeFileSync(path, line('4'));
    // Without marks, as they were noted once, what is older than what is known was left before.
    writeFileSync(`${path}.9`, line('old'));
    utimesSync(`${path}.9`, 1, 1);
    const again = fileSource(path, known);
    expect(idsOf(allOf(await readToEnd(again.source, known)))).toEqual(['1', '2', '3', '4']);
    expect(again.warnings).toEqual([]);
  });

  it('is not begun before those that were rotated away are read to their ends', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1'));
    const { source } = fileSource(path);
    const [older] = (await source.partitions()) ?? [];
    const known = new Map([[older!, line('0').length]]);
    renameSync(path, `${path}.1`);
    writeFileSync(path, line('2'));
    const again = fileSource(path, known).source;
    expect(await again.partitions()).toEqual([older]);
    expect(idsOf(allOf(await readToEnd(again, known)))).toEqual(['1', '2']);
  });

  it('warns where what was read last is gone', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0'));
    const known = reached(await readToEnd(fileSource(path).source));
    writeFileSync(path, line('new'));
    const { source, warnings } = fileSource(path, known);
    expect(idsOf(allOf(await readToEnd(source, known)))).toEqual(['new']);
    expect(warnings).toEqual([expect.stringContaining('is not beside it')]);
  });

  it('that was cut and has the same first line again is another one', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1') + line('2'));
    const known = reached(await readToEnd(fileSource(path).source));
    truncateSync(path);
    appendFileSync(path, line('0') + line('x'));
    const second = await readToEnd(fileSource(path, known).source, known);
    expect(idsOf(allOf(second))).toEqual(['0', 'x']);
    expect([...second.keys()][0]).toBe(`${[...known.keys()][0]!}-2`);
    const both = new Map([...known, ...reached(second)]);
    appendFileSync(path, line('y'));
    expect(idsOf(allOf(await readToEnd(fileSource(path, both).source, both)))).toEqual(['y']);
  });

  it('is read to its end in the copy of it that was made before it was cut', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1'));
    const { source, warnings } = fileSource(path, new Map(), false);
    const ids: string[] = [];
    let next = 2;
    await follow(source, 20, (events) => {
      ids.push(...idsOf(events));
      if (next >= 20 || ids.at(-1) !== String(next - 1)) return;
      // As logrotate's copytruncate does, with a line that nobody has read.
      appendFileSync(path, line(String(next++)));
      copyFileSync(path, `${path}.${next}`);
      truncateSync(path);
      appendFileSync(path, line(String(next++)));
    });
    expect(ids).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
    expect(warnings).toContain(
      `${path} was cut: it is read to its end in ${path}.3, and what follows as a new file`,
    );
  });

  it('is read to its end in its copy where it was cut meanwhile', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1'));
    const known = reached(await readToEnd(fileSource(path).source));
    appendFileSync(path, line('2'));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, line('3'));
    const { source, warnings } = fileSource(path, known);
    const rest = await readToEnd(source, known);
    expect(idsOf(allOf(rest))).toEqual(['2', '3']);
    expect(warnings).toEqual([]);
    const all = new Map([...known, ...reached(rest)]);
    expect(allOf(await readToEnd(fileSource(path, all).source, all))).toEqual([]);
  });

  it('that was copied is not counted again when it is rotated away', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1'));
    const known = reached(await readToEnd(fileSource(path).source));
    appendFileSync(path, line('2'));
    await setTimeout(5);
    copyFileSync(path, `${path}.bak`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, line('3'));
    expect(idsOf(allOf(await readToEnd(fileSource(path, known).source, known)))).toEqual(['2', '3']);
  });

  it('that was stored in part, and never noted, waits for those before it', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0') + line('1'));
    const known = reached(await readToEnd(fileSource(path).source));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, line('2'));
    writeFileSync(path, line('3'));
    const { source } = fileSource(path, known);
    const both = await readToEnd(source, known);
    const [, newer] = [...both.keys()];
    // Lines of neither were printed before a kill: what was stored of the newer one is known up to 0.
    const unnoted = new Map([...known, [newer!, 0]]);
    const again = fileSource(path, unnoted);
    expect(idsOf(allOf(await readToEnd(again.source, unnoted)))).toEqual(['2', '3']);
    expect(again.warnings).toEqual([]);
  });

  it('may have a directory or a FIFO beside it, and is neither itself', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0'));
    const known = reached(await readToEnd(fileSource(path).source));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, line('1'));
    mkdirSync(`${path}.d`);
    execFileSync('mkfifo', [`${path}.pipe`]);
    writeFileSync(path, line('2'));
    expect(idsOf(allOf(await readToEnd(fileSource(path, known).source, known)))).toEqual(['1', '2']);
    for (const [other, kind] of [
      ['d', 'a directory'],
      ['pipe', 'a FIFO'],
    ] as const) {
      await expect(fileSource(`${path}.${other}`).source.partitions()).rejects.toThrow(
        `is ${kind}; a file is wanted`,
      );
      await expect(fileSource(`${path}.${other}`, new Map(), false).source.partitions()).rejects.toThrow(
        kind,
      );
    }
  });

  it('is waited for where its directory is gone', async () => {
    const directory = makeDirectory();
    const path = join(directory, 'plays.ndjson');
    writeFileSync(path, line('0'));
    const known = reached(await readToEnd(fileSource(path).source));
    rmSync(directory, { recursive: true });
    const { source, warnings } = fileSource(path, known, false);
    expect(await source.partitions()).toEqual([]);
    expect(warnings).toEqual([`${path} is not there yet; it is waited for`]);
  });

  it('read once is read to where it ended, however fast it grows', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0'));
    const { source } = fileSource(path);
    const ids: string[] = [];
    for (let partitions = await source.partitions(); partitions !== undefined;) {
      for await (const events of source.read(partitions[0]!, ids.length * line('0').length)) {
        ids.push(...idsOf(events));
        if (ids.length < 9) appendFileSync(path, line(String(ids.length)));
      }
      partitions = await source.partitions();
    }
    expect(ids).toEqual(['0']);
  });

  it('that was cut and filled again while nobody looked is read anew', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0'));
    const { source } = fileSource(path, new Map(), false);
    const ids: string[] = [];
    await follow(source, 4, (events) => {
      ids.push(...idsOf(events));
      if (ids.length > 1) return;
      truncateSync(path);
      appendFileSync(path, line('1') + line('2') + line('3'));
    });
    expect(ids).toEqual(['0', '1', '2', '3']);
  });

  it('in another place is another one, whatever it holds', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(path, line('0'));
    const [first] = (await readToEnd(fileSource(path).source)).keys();
    const copy = join(makeDirectory(), 'plays.ndjson');
    copyFileSync(path, copy);
    const [second] = (await readToEnd(fileSource(copy).source)).keys();
    expect(second).not.toBe(first);
  });

  it('read once has to be there, and a last line that is not whole is left', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    await expect(fileSource(path).source.partitions()).rejects.toThrow('does not exist');
    writeFileSync(path, `${line('0')}${line('1').slice(0, -6)}`);
    expect(idsOf(allOf(await readToEnd(fileSource(path).source)))).toEqual(['0']);
    writeFileSync(path, `${line('0')}${line('1').trimEnd()}`);
    const read = await readToEnd(fileSource(path).source);
    expect(idsOf(allOf(read))).toEqual(['0', '1']);
    appendFileSync(path, `\n${line('2')}`);
    const known = reached(read);
    expect(idsOf(allOf(await readToEnd(fileSource(path, known).source, known)))).toEqual(['2']);
  });

  it.each(['  ', ' \t\r', '\r'])('is not read again for the white space %j at its end', async (rest) => {
    for (const last of ['\n', '']) {
      const path = join(makeDirectory(), 'plays.ndjson');
      writeFileSync(path, `${line('0')}${line('1').trimEnd()}${last}${rest}`);
      const read = await readToEnd(fileSource(path).source);
      expect([...read.values()].map(idsOf)).toEqual([['0', '1']]);
      const known = reached(read);
      expect(allOf(await readToEnd(fileSource(path, known).source, known))).toEqual([]);
      appendFileSync(path, `\n${line('2')}`);
      expect(idsOf(allOf(await readToEnd(fileSource(path, known).source, known)))).toEqual(['2']);
    }
  });

  it('leaves the half of a line that ends with a brace until the rest of it is there', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    const whole = '{"user": "u", "more": {}, "item": "a", "id": "1"}\n';
    writeFileSync(path, line('0') + whole.slice(0, 24));
    const read = await readToEnd(fileSource(path).source);
    expect(idsOf(allOf(read))).toEqual(['0']);
    appendFileSync(path, whole.slice(24));
    const known = reached(read);
    expect(idsOf(allOf(await readToEnd(fileSource(path, known).source, known)))).toEqual(['1']);
  });
});

describe('a file that is known by what it held', () => {
  const header = 'user,item,id\n';
  /** What runs of `--once` read, each going on from what the one before knew. */
  const follower = (path: string) => {
    const [known, marks] = [new Map<string, number>(), new Map<string, FileMark>()];
    return async (): Promise<string[]> => {
      const read = await readToEnd(fileSource(path, known, true, marks).source, known);
      for (const [partition, events] of read) {
        const { offset, mark } = events.at(-1) ?? {};
        if (offset !== undefined) known.set(partition, offset);
        if (mark !== undefined) marks.set(partition, mark);
      }
      return allOf(read).flatMap(({ text }) => (text.startsWith('{') ? idsOf([{ offset: 0, text }]) : []));
    };
  };
  const copyAndTruncate = (path: string, to: string): void => {
    copyFileSync(path, to);
    truncateSync(path);
  };

  it.each(['', header])('is read once through two copies between two runs, begun with %j', async (start) => {
    const path = join(makeDirectory(), 'plays.ndjson');
    const run = follower(path);
    writeFileSync(path, start);
    expect(await run()).toEqual([]);
    // All that is known is how both begin.
    appendFileSync(path, line('x'));
    copyAndTruncate(path, `${path}.0`);
    appendFileSync(path, start + line('0'));
    expect(await run()).toEqual(['x', '0']);
    appendFileSync(path, line('1'));
    copyAndTruncate(path, `${path}.1`);
    appendFileSync(path, start + line('2'));
    renameSync(`${path}.1`, `${path}.2`);
    copyAndTruncate(path, `${path}.1`);
    appendFileSync(path, start + line('3'));
    expect(await run()).toEqual(['1', '2', '3']);
    renameSync(`${path}.2`, `${path}.3`);
    renameSync(`${path}.1`, `${path}.2`);
    copyAndTruncate(path, `${path}.1`);
    appendFileSync(path, start + line('4'));
    expect(await run()).toEqual(['4']);
    expect(await run()).toEqual([]);
  });

  it('is read where it was rotated away before anything of it was known', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    writeFileSync(`${path}.1`, line('0'));
    writeFileSync(`${path}-eu`, line('of another'));
    writeFileSync(path, line('1'));
    const { source, warnings } = fileSource(path);
    expect(idsOf(allOf(await readToEnd(source)))).toEqual(['0', '1']);
    expect(warnings).toEqual([`nothing of ${path} was read before: ${path}.1, beside it, is read too`]);
  });

  it('is the same where it was moved to another inode, and has not been copied whole', async () => {
    const path = join(makeDirectory(), 'plays.ndjson');
    const run = follower(path);
    const many = Array.from({ length: 300 }, (_, n) => line(String(n)));
    writeFileSync(path, many.join(''));
    expect(await run()).toHaveLength(300);
    // A copy that was made before the end of it was written, and one that is being made.
    writeFileSync(`${path}.1`, many.slice(0, 290).join(''));
    writeFileSync(`${path}.2`, many.join('').slice(0, 90));
    copyFileSync(path, `${path}.new`);
    renameSync(`${path}.new`, path);
    appendFileSync(path, line('300'));
    expect(await run()).toEqual(['300']);
  });
});

describe('a stream', () => {
  const warnings: string[] = [];
  const stream = (text: string): EventSource =>
    openStreamSource('s', Readable.from([Buffer.from(text)]), (message) => warnings.push(message));

  it('that goes on with other lines is a new piece, read from its start', async () => {
    const known = reached(await readToEnd(stream(line('0') + line('1'))));
    expect(idsOf(allOf(await readToEnd(stream(line('2')), known)))).toEqual(['2']);
  });

  it('with the same first line that differs after it is refused', async () => {
    const known = reached(await readToEnd(stream(line('0') + line('1'))));
    const other = stream(line('0') + line('longer than it was'));
    await expect(readToEnd(other, known)).rejects.toThrow('no line of it ends at byte');
  });

  it('takes a last line without a line feed', async () => {
    const read = await readToEnd(stream(`${line('0')}${line('1').trimEnd()} `));
    expect(idsOf(allOf(read))).toEqual(['0', '1']);
    expect(warnings).toEqual([]);
    const known = reached(read);
    const longer = stream(line('0') + line('1') + line('2'));
    expect(idsOf(allOf(await readToEnd(longer, known)))).toEqual(['2']);
  });

  it('that breaks off within a line can be sent again whole', async () => {
    const whole = line('0') + line('1');
    const broken = await readToEnd(stream(whole.slice(0, -8)));
    expect(idsOf(allOf(broken))).toEqual(['0']);
    expect(warnings).toEqual([expect.stringContaining(`within a line, at byte ${whole.length - 8}`)]);
    const known = reached(broken);
    expect(idsOf(allOf(await readToEnd(stream(whole), known)))).toEqual(['1']);
  });
});

it('lines that are too long or no UTF-8 are said so, at their places, and no other suffers', async () => {
  const long = 'x'.repeat(3 * maxLineBytes);
  const bytes = Buffer.concat([
    Buffer.from(line('0')),
    Buffer.from(`${long}\n`),
    Buffer.from(' \n\n'),
    Buffer.from([0x7b, 0xff, 0x0a]),
    Buffer.from(line('1')),
  ]);
  for (const pieceBytes of [1000, 65_536, bytes.length]) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
    const events = allOf(await readToEnd(openStreamSource('s', Readable.from(pieces), () => undefined)));
    expect(events.map(({ problem }) => problem)).toEqual([
      undefined,
      `is longer than ${maxLineBytes} bytes`,
      'is not UTF-8',
      undefined,
    ]);
    expect(events.map(({ offset }) => offset)).toEqual([
      line('0').length,
      line('0').length + long.length + 1,
      bytes.length - line('1').length,
      bytes.length,
    ]);
  }
});
