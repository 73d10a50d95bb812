/** Bugs that are planted into the protocol; the simulation has to find each. */
import { journalLine, parseJournalLine } from '#dist/core/files/journal.js';
import type { Effect, LedgerEvent } from '#dist/core/ledger/effects.js';
import type { Known } from '#dist/core/ledger/known.js';
import { formatLive, parseLive } from '#dist/core/ledger/live-file.js';
import type { Live } from '#dist/core/ledger/live-file.js';
import type { Sabotage } from './simulation.js';

const isJournal = (name: string): boolean => name.startsWith('journal-');
const isTable = (name: string): boolean => name.startsWith('table-');
const isRename = (effect: Effect | undefined): boolean => effect?.do === 'rename';

/** Without the effects for which `drop` is true. */
function without(drop: (effect: Effect, at: number, all: readonly Effect[]) => boolean): Sabotage {
  return { effects: (effects) => effects.filter((...each) => !drop(...each)) };
}

function mapped(change: (effect: Effect) => Effect): Sabotage {
  return { effects: (effects) => effects.map(change) };
}

/** The lines that are appended say something else. */
function linesSay(change: (fields: Readonly<Record<string, unknown>>) => object): Sabotage {
  return mapped((effect) => {
    if (effect.do !== 'write' || !isJournal(effect.file)) return effect;
    const lines = effect.bytes.toString('utf8').split('\n').slice(0, -1);
    const changed = lines.map((line) => journalLine(change(parseJournalLine(line)?.fields ?? {})));
    return { ...effect, bytes: Buffer.from(changed.join('')) };
  });
}

function liveSays(change: (live: Live) => Live): Sabotage {
  return mapped((effect) => {
    if (effect.do !== 'write' || effect.file !== 'live.json.new') return effect;
    return { ...effect, bytes: Buffer.from(formatLive(change(parseLive(effect.bytes.toString('utf8'))))) };
  });
}

function sourcesAre(change: (sources: Known) => Known): Sabotage {
  return mapped((effect) =>
    effect.do === 'build-table' ? { ...effect, sources: change(effect.sources) } : effect,
  );
}

function hears(
  change: (event: LedgerEvent & { kind: 'answer' }, known: Known, isAppending: boolean) => LedgerEvent,
): Sabotage {
  return { event: (event, ...more) => (event.kind === 'answer' ? change(event, ...more) : event) };
}

function lastPart(known: Known, change: (part: Known['parts'][number]) => void): Known {
  const last = known.parts.at(-1);
  if (last !== undefined) change(last);
  return known;
}

export const sabotages: Readonly<Record<string, Sabotage>> = {
  'journals are not synced': { withoutSync: isJournal },
  'tables are not synced': { withoutSync: isTable, isRare: true },
  'live.json is not synced before it gets its name': { withoutSync: (name) => name === 'live.json.new' },
  'the key is not synced': { withoutSync: (name) => name === 'key.new' },
  'names are not synced': without((effect) => effect.do === 'sync-names'),
  'names of new files are not synced before live.json names them': {
    ...without((effect, at, all) => effect.do === 'sync-names' && all.slice(at).some(isRename)),
    isRare: true,
  },
  'the name of live.json is not synced': without(
    (effect, at, all) => effect.do === 'sync-names' && isRename(all[at - 1]),
  ),
  'live.json that another process named is not synced': {
    known: (known) => ({ ...known, durableStamp: known.stamp }),
    isRare: true,
  },
  'up to where is acknowledged is not synced': { withoutSync: (name) => name === 'acknowledged' },
  'up to where is acknowledged is not written': without((effect) => effect.do === 'acknowledge'),
  'up to where is acknowledged is written before the lines are durable': {
    effects: (effects, { live, parts }) => {
      const write = effects.find((effect) => effect.do === 'write' && isJournal(effect.file));
      if (write?.do !== 'write') return effects;
      const { seq, unsettled } = parts.at(-1)!;
      const lines = write.bytes.subarray(unsettled.length).toString('latin1').split('\n').length - 1;
      return [{ do: 'acknowledge', ledger: live?.ledger ?? '', seq: seq + lines }, ...effects];
    },
  },
  'entries are acknowledged before they are durable': { acknowledgesEarly: true },
  'what others wrote is taken for durable': {
    known: (known) => lastPart(known, (part) => (part.unsettled = Buffer.alloc(0))),
    isRare: true,
  },
  'a line cut short is written over': {
    known: (known) => lastPart(known, (part) => (part.rest = 0)),
    isRare: true,
  },
  'the lock on appending is not asked for': hears((event) =>
    event.answer.of === 'lock' ? { ...event, answer: { of: 'lock', held: true } } : event,
  ),
  'the lock on appending is taken twice in a process': hears((event, _, isAppending) =>
    event.answer.of === 'lock' && isAppending ? { ...event, answer: { of: 'lock', held: true } } : event,
  ),
  'a reader sees what its process is just writing': { readsWhileAppending: true },
  'the lock on appending is given back before the write': {
    effects: (effects) => {
      const write = effects.find((effect) => effect.do === 'write' && isJournal(effect.file));
      return write === undefined ? effects : [{ do: 'unlock', lock: 'append' }, ...effects];
    },
  },
  'a journal is swapped that was not compacted': liveSays((live) => ({
    ...live,
    journals: live.tables.length > 0 && live.journals.length > 1 ? live.journals.slice(1) : live.journals,
  })),
  'a journal is sealed before its last line': liveSays((live) => ({
    ...live,
    journals: live.journals.map((journal) =>
      journal.bytes === null || journal.bytes < 400 ? journal : { ...journal, bytes: 0 },
    ),
  })),
  'a table is made without the last journal': sourcesAre((sources) => ({
    ...sources,
    parts: sources.parts.slice(0, -1),
  })),
  'a table is made without the positions': sourcesAre((sources) => ({
    ...sources,
    tables: sources.tables.map((table) => ({ ...table, positions: new Map() })),
  })),
  'a table is made without the tombstones of the one before': sourcesAre((sources) => ({
    ...sources,
    tables: sources.tables.map((table) => ({ ...table, tombstones: [] })),
  })),
  'a table is made without the one before': sourcesAre((sources) => ({
    ...sources,
    tables: sources.tables.slice(0, -1),
  })),
  'the first table is left out where there are two': liveSays((live) => ({
    ...live,
    tables: live.tables.slice(-1),
  })),
  'journals are removed before live.json names the table': {
    effects: (effects, { live }) =>
      live !== undefined && effects.some(isRename) && live.journals.length > 1
        ? [{ do: 'remove', file: `journal-${live.journals[0]!.number}` }, ...effects]
        : effects,
  },
  'the journal that goes on is removed with the others': {
    effects: (effects, { live }) =>
      effects.some((effect) => effect.do === 'remove')
        ? [...effects, { do: 'remove', file: `journal-${live?.journals.at(-1)?.number ?? 0}` }]
        : effects,
  },
  'a reader does not look at live.json again': hears((event, known) =>
    event.answer.of === 'looked' && known.stamp !== undefined
      ? { ...event, answer: { ...event.answer, stamp: known.stamp } }
      : event,
  ),
  'a reader does not look at the end of the journal': hears((event, known) => {
    const last = known.parts.at(-1);
    return event.answer.of === 'looked' && last !== undefined
      ? { ...event, answer: { ...event.answer, journalBytes: last.end + last.rest } }
      : event;
  }),
  'ids are not looked for in the tables': hears((event) =>
    event.answer.of === 'users' ? { ...event, answer: { ...event.answer, entries: new Map() } } : event,
  ),
  'marks of the forgotten are not looked for': hears((event) =>
    event.answer.of === 'users' ? { ...event, answer: { ...event.answer, marks: new Map() } } : event,
  ),
  'an undo takes back another entry': linesSay((fields) =>
    'undoes' in fields ? { ...fields, undoes: '0' } : fields,
  ),
  'a position is skipped': linesSay((fields) => ({ ...fields, position: undefined })),
  'what is given now has the time of its clock': linesSay((fields) =>
    'said' in fields ? fields : { ...fields, at: Math.min(Number(fields['at']), 1100) },
  ),
  'a time is rounded': linesSay((fields) => ({ ...fields, at: Math.floor(Number(fields['at']) / 10) * 10 })),
  'a seq is given again after a failure': {
    known: (known) => lastPart(known, (part) => (part.seq = part.rest > 0 ? part.seq - 1 : part.seq)),
  },
};
