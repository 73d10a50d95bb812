/** Where in the page someone is: each place has an address after #, so that links, reloads, Back and Forward lead there. */
import type { Kind } from '../api/answers.js';
import { noTrial, opinions, type Trial } from '../listener/trial.js';

export type View =
  | { readonly view: 'catalogue'; readonly kind: Kind }
  | {
      readonly view: 'entity';
      readonly kind: Kind;
      readonly id: string;
      /** Of which kind its neighbours are; undefined: its own. */
      readonly among: Kind | undefined;
      /** Neighbours by one artist at most; undefined: any number. */
      readonly perArtist: number | undefined;
    }
  | { readonly view: 'listener'; readonly user: string; readonly trial: Trial }
  | { readonly view: 'newcomer'; readonly trial: Trial }
  | { readonly view: 'map' }
  | { readonly view: 'nowhere'; readonly hash: string };

export type Place = View & {
  /** Of a service that has several roots which of them; undefined: the first. */
  readonly root: string | undefined;
  /** How many results lists have. */
  readonly k: number;
  /** Which snapshot answers; undefined: what is current. */
  readonly snapshot: string | undefined;
  /** The snapshot beside it; undefined: none. */
  readonly against: string | undefined;
};

/** Where recommendations are, and what is tried on them. */
export type TrialPlace = Extract<Place, { readonly view: 'listener' | 'newcomer' }>;

export const lengths = [10, 20, 50, 100] as const;
const usualLength = 20;
const kinds = ['item', 'artist', 'album'] as const;

export const startPlace: Place = {
  view: 'catalogue',
  kind: 'item',
  k: usualLength,
  root: undefined,
  snapshot: undefined,
  against: undefined,
};

/** The place of an address's fragment, with or without #. Whatever is not understood is 'nowhere'. */
export function placeOf(fragment: string): Place {
  const hash = fragment.replace(/^#/, '');
  const [path, query] = splitAt(hash, '?');
  const parameters = new URLSearchParams(query);
  const k = lengths.find((each) => String(each) === parameters.get('k')) ?? usualLength;
  const root = parameters.get('root') ?? undefined;
  const snapshot = parameters.get('snapshot') ?? undefined;
  const against = parameters.get('against') ?? undefined;
  return { ...viewOf(path, parameters, hash), k, root, snapshot, against };
}

/** The address of a place, with #: `placeOf` finds the same place there. */
export function hrefOf(place: Place): string {
  const parameters = new URLSearchParams(parametersOf(place));
  if (place.k !== usualLength) parameters.set('k', String(place.k));
  if (place.root !== undefined) parameters.set('root', place.root);
  if (place.snapshot !== undefined) parameters.set('snapshot', place.snapshot);
  if (place.against !== undefined) parameters.set('against', place.against);
  const query = parameters.toString();
  return `#${pathOf(place)}${query === '' ? '' : `?${query}`}`;
}

/** Another view of the same snapshots, with lists as long. */
export function elsewhere({ k, root, snapshot, against }: Place, view: View): Place {
  return { ...view, k, root, snapshot, against };
}

export function entityView(kind: Kind, id: string): View {
  return { view: 'entity', kind, id, among: undefined, perArtist: undefined };
}

export function listenerView(user: string): View {
  return { view: 'listener', user, trial: noTrial };
}

/** The same for two places that are about the same, however it is shown. */
export function subjectOf(place: Place): string {
  return pathOf(place);
}

function viewOf(path: string, parameters: URLSearchParams, hash: string): View {
  const nowhere: View = { view: 'nowhere', hash };
  const [, first = '', rest = ''] = /^\/([^/]*)(?:\/(.*))?$/s.exec(path === '' ? '/' : path) ?? [
    undefined,
    '?',
  ];
  const id = decoded(rest);
  if (id === undefined) return nowhere;
  const kind = kinds.find((each) => each === first);
  if (kind !== undefined && id !== '') {
    const among = kinds.find((each) => each === parameters.get('among'));
    const perArtist = [1, 2, 3].find((each) => String(each) === parameters.get('per-artist'));
    return { view: 'entity', kind, id, among: among === kind ? undefined : among, perArtist };
  }
  if (first === 'listener' && id !== '') return { view: 'listener', user: id, trial: trialOf(parameters) };
  if (id !== '') return nowhere;
  const listed = kinds.find((each) => first === `${each}s`) ?? (first === '' ? 'item' : undefined);
  if (listed !== undefined) return { view: 'catalogue', kind: listed };
  if (first === 'new') return { view: 'newcomer', trial: trialOf(parameters) };
  return first === 'map' ? { view: 'map' } : nowhere;
}

function pathOf(place: View): string {
  switch (place.view) {
    case 'catalogue':
      return place.kind === 'item' ? '/' : `/${place.kind}s`;
    case 'entity':
      return `/${place.kind}/${encodeURIComponent(place.id)}`;
    case 'listener':
      return `/listener/${encodeURIComponent(place.user)}`;
    case 'newcomer':
      return '/new';
    case 'map':
      return '/map';
    case 'nowhere':
      return place.hash;
  }
}

function parametersOf(place: View): string[][] {
  if (place.view === 'entity') {
    const { among, perArtist } = place;
    return [
      ...(among === undefined ? [] : [['among', among]]),
      ...(perArtist === undefined ? [] : [['per-artist', String(perArtist)]]),
    ];
  }
  if (place.view !== 'listener' && place.view !== 'newcomer') return [];
  const { trial } = place;
  return [
    ...opinions.flatMap((opinion) => trial[opinion].map((id) => [opinion, id])),
    ...trial.seeds.map((id) => ['seed', id]),
    ...(trial.recipe === undefined ? [] : [['recipe', trial.recipe]]),
  ];
}

function trialOf(parameters: URLSearchParams): Trial {
  const [like, dislike, ban] = opinions.map((opinion) => [...new Set(parameters.getAll(opinion))]);
  const seeds = [...new Set(parameters.getAll('seed'))];
  const recipe = parameters.get('recipe') ?? undefined;
  return { like: like ?? [], dislike: dislike ?? [], ban: ban ?? [], seeds, recipe };
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** undefined for what is no text in an address. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
