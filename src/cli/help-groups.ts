/** Which flags of a command a help page shows: those that mean something in the mode that was typed, by their groups. */
import { AppError } from '../core/errors.js';
import { helpGroups, specialGroups } from '../core/options/option.js';
import { closestTo } from './terminal/closest.js';

/** The parts of a command, as oclif's manifest has it, that are looked at. */
export interface GroupedCommand {
  readonly id: string;
  readonly flags: Readonly<Record<string, { readonly helpGroup?: string }>>;
  /** By the flag that chooses the mode, the flags that mean something there. */
  readonly modes?: Readonly<Record<string, readonly string[]>>;
}

export interface ShownFlags {
  /** Names of flags by their group, in the order of the page. */
  readonly shown: ReadonlyMap<string, readonly string[]>;
  /** Groups that have a line each, with the number of their flags. */
  readonly folded: readonly (readonly [group: string, count: number])[];
  readonly total: number;
  /** The flag that chose the mode. */
  readonly mode: string | undefined;
}

/** More would be read by nobody. */
const mostShown = 25;

/** What `--help=…` names, in lower case; undefined where help is asked for without. */
export function askedGroup(argv: readonly string[]): string | undefined {
  const asked = argv.findLast((word) => word.startsWith('--help='));
  return asked?.slice('--help='.length).toLowerCase();
}

/**
 * A page shows all groups where they have at most 25 flags together. Else it shows those that most users need, then others as
 * long as they fit, and of the rest a line. AppError 'bad-usage' for a group that the command does not have.
 */
export function flagsToShow(command: GroupedCommand, argv: readonly string[]): ShownFlags {
  // Of two modes the first one says what is done.
  const [mode, beside] =
    Object.entries(command.modes ?? {}).find(([name]) =>
      argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)),
    ) ?? [];
  const groups = new Map<string, string[]>();
  for (const group of helpGroups) {
    const names = Object.entries(command.flags).flatMap(([name, { helpGroup }]) => {
      const applies = mode === name || (beside?.includes(name) ?? true);
      return helpGroup === group && (applies || group === 'GLOBAL') ? [name] : [];
    });
    if (names.length > 0) groups.set(group, names);
  }
  const chosen = chosenGroups(command, groups, mode, askedGroup(argv));
  return {
    shown: new Map([...groups].filter(([group]) => chosen.has(group))),
    folded: [...groups].flatMap(([group, names]) =>
      chosen.has(group) ? [] : [[group, names.length] as const],
    ),
    total: [...groups.values()].flat().length,
    mode,
  };
}

function chosenGroups(
  { id }: GroupedCommand,
  groups: ReadonlyMap<string, readonly string[]>,
  mode: string | undefined,
  asked = '',
): ReadonlySet<string> {
  const known = [...groups.keys(), 'ALL'].map((group) => group.toLowerCase());
  if (asked === 'all') return new Set(groups.keys());
  if (known.includes(asked)) return new Set([asked.toUpperCase()]);
  if (asked !== '') {
    const command = `segue ${id.replaceAll(':', ' ')}`;
    const [near = 'all'] = closestTo(asked, known);
    throw new AppError('bad-usage', `--help=${asked}: wanted one of ${known.join(', ')}`, {
      suggestions: [`${command} --help=${near}`],
      details: { groups: known },
    });
  }
  const placeByNeed = ([group, names]: readonly [string, readonly string[]]): number => {
    // What every command has is on every page, and so is what the mode is about.
    if (group === 'GLOBAL' || (mode !== undefined && names.includes(mode))) return 0;
    return specialGroups.has(group) ? 2 : 1;
  };
  let room = mostShown;
  const chosen = [...groups]
    .toSorted((a, b) => placeByNeed(a) - placeByNeed(b))
    .filter(([, names]) => {
      if (names.length > room) return false;
      room -= names.length;
      return true;
    });
  return new Set(chosen.map(([group]) => group));
}
