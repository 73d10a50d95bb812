/**
 * Every view of the page as text, over answers that a real service gave. After a change of what is asked or answered:
 * SEGUE_RECORD=1 npx vitest run --project 'quick:*' test/web/views.test.tsx
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { options, type VNode } from 'preact';
import type * as Hooks from 'preact/hooks';
import { renderToString } from 'preact-render-to-string';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';
import { safeText } from '../../src/cli/terminal/safe-text.js';
import { emptyMap } from '../../src/core/map/map-format.js';
import { Page } from '../../src/web/page.js';
import { count, percent, plural, score } from '../../src/web/parts/numbers.js';
import { isAsDescribed } from '../helpers/described.js';
import { describeInSmokeTest, inFullTest, inSmokeTest } from '../helpers/full-tests.js';
import {
  notYet,
  readAnswers,
  recordAnswers,
  recordedPath,
  replaying,
  textOf,
  timeless,
  type Answers,
  type Instead,
  type Replaying,
} from './recorded.js';
import { words } from '../helpers/words.js';

const quickly = inSmokeTest();

// A page that is rendered to text runs no effects: here they run where they stand, and what they set is rendered at once.
vi.mock('preact/hooks', async (importActual) => {
  const actual = await importActual<typeof Hooks>();
  const useEffect = (effect: () => unknown, inputs?: readonly unknown[]): void => {
    const before = actual.useRef<readonly unknown[]>(undefined);
    const isSame = inputs?.every((input, at) => input === before.current?.[at]) === true;
    if (isSame && before.current !== undefined) return;
    before.current = inputs ?? [];
    effect();
  };
  return { ...actual, useEffect };
});

/** The map comes as bytes, which is awaited. */
const given = vi.hoisted<{ map: object }>(() => ({ map: {} }));
vi.mock('../../src/web/map/use-catalogue-map.js', () => ({
  useCatalogueMap: () => ({ retry: () => undefined, ...given.map }),
}));

const sources = new URL('../../src/web/', import.meta.url);
const song = 'eagles-hotel-california';
const user = 'KGLK/2014-06-16';
const [item, listener] = [`#/item/${song}?k=10`, `#/listener/${encodeURIComponent(user)}?k=10`];
const hostile = '<img src=x onerror=alert(1)>&"\u202e\u001b[31m';

/** What someone does as soon as what it is done to is there. */
type Act = (vnode: VNode<any>) => (() => void) | undefined;
interface Case {
  /** Where the page is; by the ids of the two snapshots. */
  readonly at: string | ((ids: readonly string[]) => string);
  readonly instead?: Instead;
  readonly map?: object;
  readonly act?: Act;
  readonly canKeep?: boolean;
  readonly trail?: readonly object[];
  /** Texts that someone must see, made of the recorded answers by their paths. */
  readonly sees:
    readonly string[] | ((answer: (path: string) => any, ids: readonly string[]) => readonly string[]);
  /** Parts of the markup: names of landmarks and lists, links. */
  readonly has?: readonly string[];
  readonly hides?: readonly string[];
}

const only =
  (part: string, body: unknown): Instead =>
  (path, known: unknown) =>
    path.startsWith(part) ? body : known;
const problem = (status: number, code: string, detail: string) => ({
  ...{ title: 'Not now', status, code, detail, suggestions: [`try <b>${code}</b>`] },
});
const typed =
  (id: string, text: string): Act =>
  ({ props }) =>
    props.id === id && props.onInput ? () => props.onInput({ currentTarget: { value: text } }) : undefined;
const points = {
  ...emptyMap(2230),
  group: new Uint8Array(2230),
  x: Uint16Array.from({ length: 2230 }, (_, row) => row * 29),
};
const chosen: Act = ({ type, props }) =>
  typeof type === 'function' && type.name === 'CatalogueMap' ? () => props.onSelect(500) : undefined;
const recommended = (answer: any): string[] =>
  answer.recommendations.flatMap((each: any, at: number) => [
    `${at + 1} ${each.name} ${each.artist}`,
    `score ${score(each.score)}`,
  ]);
const listed = (answer: any): string[] => answer.neighbours.map((each: any) => `${each.rank} ${each.name} `);
const similarities = (answer: any): string[] =>
  answer.neighbours.map((each: any) => `similarity ${score(each.similarity)}`);

const cases: Readonly<Record<string, Case>> = {
  catalogue: {
    at: '#/?k=10',
    sees: (answer, [first]) => [
      ...['Catalogue', 'Most played', 'Most active listeners', 'Items', 'Artists', first!],
      ...[
        `als, 8 dimensions`,
        'show 10 20 50 100',
        `10 of ${plural(answer('/v1/items?kind=item&k=10').of, 'item')}`,
        `of ${plural(answer('/v1/listeners?k=10').of, 'listener')}`,
      ],
      ...answer('/v1/items?kind=item&k=10').items.map(
        (each: any) =>
          `${each.rank} ${each.name} ${each.artist} · ${each.released} ${plural(each.events, 'play')}`,
      ),
      ...answer('/v1/listeners?k=10').users.map((each: any) => `${each.id} ${plural(each.events, 'event')}`),
    ],
    has: ['aria-label="most played items"', 'aria-label="most active listeners"', 'href="#/item/'],
  },
  artists: {
    at: '#/artists?k=10',
    sees: (answer) => answer('/v1/items?kind=artist&k=10').items.map((each: any) => `${each.name} `),
    has: ['href="#/artist/Led%20Zeppelin?k=10"'],
  },
  'a catalogue of items alone': {
    at: '#/?k=10',
    instead: (path, body) =>
      path.startsWith('/v1/snapshots')
        ? { ...body, snapshots: body.snapshots.map((each: any) => ({ ...each, parts: [] })) }
        : path.startsWith('/v1/similar')
          ? { answers: [0, 1].map(() => ({ problem: problem(422, 'missing-part', 'none') })) }
          : body,
    sees: ['Most played'],
    hides: ['Most active listeners', 'Artists'],
  },
  'several roots': {
    at: '#/?k=10',
    instead: (path, body) =>
      path === '/v1'
        ? { ...body, roots: ['rock', 'jazz'].map((name) => ({ ...body.roots[0], name })) }
        : body,
    sees: ['Root rock jazz', 'Most played', '1 '],
  },
  loading: {
    at: item,
    instead: (path, body) => (path === '/v1' || path === '/v1/snapshots' ? body : notYet),
    sees: [song],
    has: ['class="loading"'],
  },
  'lists that load': {
    at: '#/?k=10',
    instead: (path, body) => (/^\/v1\/(items|listeners)/.test(path) ? notYet : body),
    sees: ['Most played', 'Most active listeners'],
    has: ['class="loading"'],
  },
  'lists that are refused': {
    at: '#/?k=10',
    instead: (path, body) =>
      /^\/v1\/(items|listeners)/.test(path)
        ? problem(503, 'overloaded', `there is no room for ${path}`)
        : body,
    sees: ['Not now. there is no room for /v1/items', 'no room for /v1/listeners', 'Try again'],
  },
  'a service that is not there': {
    at: '#/',
    instead: only('/v1', problem(0, 'unreachable', 'the service does not answer')),
    sees: ['segue', 'Not now. the service does not answer', 'try <b>unreachable</b>', 'Try again'],
  },
  'snapshots that cannot be listed': {
    at: '#/nothing',
    instead: only('/v1/snapshots', problem(500, 'bug', hostile)),
    sees: [`Not now. ${hostile}`],
  },
  'a service that wants a token': {
    at: item,
    instead: only('/v1/similar?', problem(401, 'no-token', 'this needs a token')),
    sees: ['this needs a token', 'The service asks for a token. Whoever runs it has one.', 'Use it'],
    has: ['type="password"'],
  },
  'what is found': {
    at: '#/nothing',
    act: typed('search', 'eagles'),
    sees: (answer) => [
      ...answer('/v1/items?kind=item&q=eagles&k=8').items.map(
        (each: any) => `${each.name} ${each.artist} item ${plural(each.events, 'play')}`,
      ),
      'Eagles artist ',
    ],
    has: ['role="option"'],
  },
  'a search that finds nothing': {
    at: '#/nothing',
    act: typed('search', 'zzzzqqqq'),
    sees: ['Nothing is called so.'],
  },
  'a search under way': {
    at: '#/nothing',
    act: typed('search', 'eagles'),
    instead: only('/v1/items?', notYet),
    sees: ['Searching …'],
  },
  'a search that is refused': {
    at: '#/nothing',
    act: typed('search', 'eagles'),
    instead: only('/v1/items?', problem(504, 'deadline-exceeded', 'it took too long')),
    sees: ['it took too long'],
  },
  item: {
    at: item,
    trail: [{ href: '#/artist/Journey', name: 'Journey', subject: '/artist/Journey' }],
    sees: (answer) => {
      const near = answer(`/v1/similar?item=id:${song}&k=10&kind=item`);
      const facts = answer(`/v1/items/id:${song}`);
      return [
        ...[
          'Item Hotel California',
          `${plural(facts.events, 'play')}, `,
          ` of ${count(facts.of)} items`,
          song,
        ],
        ...['Neighbours', 'among items artists', 'by one artist any number', 'Listeners whom it suits'],
        ...['For someone new who likes it', 'Journey', ...listed(near), ...similarities(near)],
      ];
    },
    has: [
      'aria-label="neighbours of Hotel California"',
      'aria-label="The walk"',
      '<svg class="bar"',
      'href="#/artist/Eagles?k=10"',
    ],
  },
  'an item and its listeners': {
    at: item,
    act: ({ type, props }) =>
      type === 'details' ? () => props.onToggle({ currentTarget: { open: true } }) : undefined,
    sees: (answer) => {
      const { leftOut, listeners } = answer(`/v1/audience?item=id:${song}&k=10`);
      return [
        `Without the ${plural(leftOut, 'listener')} who have it already.`,
        ...listeners.map((each: any) => `${each.rank} ${each.id} score ${score(each.score)}`),
      ];
    },
  },
  artist: {
    at: '#/artist/Eagles?k=10',
    sees: (answer) => [
      'Artist Eagles',
      ...listed(answer('/v1/similar?item=artist:id:Eagles&k=10&kind=artist')),
    ],
  },
  'neighbours of another kind': {
    at: `${item}&among=artist`,
    sees: (answer) => listed(answer(`/v1/similar?item=id:${song}&k=10&kind=artist`)),
  },
  'an item that is not there': {
    at: '#/item/no-such-song?k=10',
    sees: (answer) => [
      'no-such-song',
      `Not found. ${answer('/v1/items/id:no-such-song').detail}`,
      'Try again',
    ],
  },
  'an item that nobody played': {
    at: item,
    instead: (path, body) => (path.startsWith('/v1/items/') ? { ...body, ranked: false } : body),
    sees: ['Hotel California', 'Nobody played it: it has no vector, and so no neighbours.'],
  },
  'no neighbours': {
    at: item,
    instead: (path, body) => (path.startsWith('/v1/similar?item') ? { ...body, neighbours: [] } : body),
    sees: ['Nothing is near to it.'],
  },
  'two snapshots': {
    at: ([, second]) => `${item}&against=${second}`,
    sees: (answer, [first, second]) => [
      ...[`Snapshot ${first}`, `Snapshot ${second}`, '− left', '+ entered'],
      ...listed(answer(`/v1/similar?item=id:${song}&k=10&kind=item`)),
      ...listed(answer(`/v1/similar?item=id:${song}&k=10&kind=item&snapshot=${second}`)),
    ],
    has: ['data-side="1"', 'data-side="2"', 'aria-label="neighbours of Hotel California 2"'],
  },
  listener: {
    at: listener,
    sees: (answer) => {
      const known = answer(`/v1/listeners/${user}`);
      return [
        ...[
          `Listener ${user}`,
          'Recommendations',
          'What is known',
          'because of ',
          'History',
          'Mainstream',
          'Variety',
        ],
        `${plural(known.events, 'event')} of ${plural(known.items, 'item')}`,
        `more than ${percent(known.taste.mainstream.percentile)} of ${plural(known.taste.comparedUsers, 'listener')}`,
        ...known.nearest.users.map((each: any) => `${each.id} ${score(each.similarity)}`),
        ...known.contributions.items.map((each: any) => `${each.name} ${percent(each.share)}`),
        ...recommended(answer(`/v1/recommend/${user}?k=10&explain=true&strict=true`)),
      ];
    },
    has: ['aria-label="recommendations"', 'aria-label="Trial"', 'data-opinion="ban"'],
  },
  'a listener of an item that was added': {
    at: listener,
    instead: (path, body) => {
      if (!path.startsWith('/v1/recommend/')) return body;
      const knownBy = [{ column: 'artist', value: 'Eagles', contribution: 0.5, share: 0.62 }];
      const [first, ...others] = body.recommendations;
      return { ...body, recommendations: [{ ...first, because: [], knownBy }, ...others] };
    },
    sees: ['new, known by artist Eagles (62 %)'],
  },
  'a listener who is not there': {
    at: '#/listener/nobody?k=10',
    sees: (answer) => ['nobody', `Not found. ${answer('/v1/listeners/nobody').detail}`],
  },
  'a trial that can be kept': {
    at: `${listener}&like=${song}&ban=boston-more-than-a-feeling`,
    canKeep: true,
    act: ({ props }) => (props.class === 'primary' ? () => props.onClick() : undefined),
    instead: only('/v1/feedback', problem(507, 'disk-full', 'nothing was kept')),
    sees: (answer) => [
      ...['Against no trial: ', 'liked: Hotel California', 'banned: More Than a Feeling', 'Start over'],
      ...['A trial: nothing of it is kept.', 'Keep for this listener', 'Not now. nothing was kept'],
      ...recommended(
        answer(
          `/v1/recommend/${user}?like=id:${song}&exclude=id:boston-more-than-a-feeling&k=10&explain=true&strict=true`,
        ),
      ),
    ],
    has: ['aria-label="Remove Hotel California"', 'class="chip ban"><svg class="sign"'],
  },
  'rows of a recipe': {
    at: `${listener}&recipe=start-page`,
    sees: (answer) => {
      const { rows } = answer(`/v1/recommend/${user}?recipe=start-page&k=10&explain=true&strict=true`);
      return ['recipe none: by score discover', ...rows.map((row: any) => row.title)];
    },
  },
  'a recipe with seeds': {
    at: `${listener}&recipe=radio&seed=${song}`,
    sees: (answer) => [
      ...['from: Hotel California', 'Begin from an item', ' near the seeds'],
      ...recommended(
        answer(`/v1/recommend/${user}?seed-item=id:${song}&recipe=radio&k=10&explain=true&strict=true`),
      ),
    ],
  },
  'someone new': {
    at: '#/new?k=10',
    sees: ['Someone new', 'No history is known', 'Say what they like, or choose a recipe that needs no one.'],
  },
  'someone new with likes': {
    at: `#/new?k=10&like=${song}`,
    // What is liked is not recommended: here it is, so that its button can be seen.
    instead: (path, body) => {
      if (path === '/v1/items') return { answers: [] };
      if (path.startsWith('/v1/recommend?')) body.recommendations[9].id = song;
      return body;
    },
    has: ['aria-pressed="true"'],
    sees: (answer) => recommended(answer(`/v1/recommend?like=id:${song}&k=10&explain=true`)),
  },
  'nothing to recommend': {
    at: `#/new?k=10&like=${song}`,
    instead: (path, body) => (path.startsWith('/v1/recommend') ? { ...body, recommendations: [] } : body),
    sees: ['There is nothing to recommend.'],
  },
  'a map that is made': {
    at: '#/map',
    map: { progress: { phase: 'laying out', done: 1, total: 3 } },
    sees: ['Map', 'The map is being made, once for this snapshot: laying out'],
    has: ['<progress max="3" value="1"'],
  },
  'no map': {
    at: '#/map',
    map: { problem: problem(422, 'missing-part', 'no vectors') },
    sees: ['Not now. no vectors'],
  },
  map: {
    at: '#/map',
    map: { map: points },
    act: chosen,
    sees: (answer) => {
      const { id, name } = answer('/v1/map/items?rows=500').items[0];
      const near = answer(`/v1/similar?item=id:${id}&k=10&kind=item`);
      return ['2,230 items: what is alike', `Near ${name}`, ...listed(near), ...similarities(near)];
    },
    has: ['aria-label="Map of 2,230 items', ' is chosen. Near to it: ', 'class="map-near"'],
  },
  'nothing here': {
    at: '#/nothing/here',
    sees: ['Nothing here', 'The address leads to no page.', 'The catalogue'],
  },
};

const rendered = new Set<unknown>();
let answers: Answers = new Map();
let ids: readonly string[] = [];

function idsOf(known: Answers): readonly string[] {
  const { current, snapshots } = known.get('/v1/snapshots')?.body ?? { current: '', snapshots: [] };
  const all = (snapshots as { snapshot: string }[]).map(({ snapshot }) => snapshot);
  return [current, ...all.filter((each) => each !== current)];
}

function at(hash: string, trail: readonly object[]): void {
  const nothing = (): void => undefined;
  const watcher = { addEventListener: nothing, removeEventListener: nothing };
  const now = (run: () => void): void => run();
  vi.stubGlobal('window', {
    ...{
      ...watcher,
      location: { hash },
      history: { state: { trail } },
      localStorage: { getItem: () => null },
    },
    ...{ matchMedia: () => watcher, setTimeout: now, clearTimeout: nothing },
  });
  vi.stubGlobal('document', { ...watcher, documentElement: {}, title: '' });
  vi.stubGlobal(
    'MutationObserver',
    class {
      observe = nothing;
    },
  );
  vi.stubGlobal('setTimeout', now);
}

/** The page as markup; each `act` happens once. */
function render(one: Case, service: Replaying, known: readonly string[] = ids): string {
  let hasActed = false;
  options.vnode = (vnode) => {
    const act = hasActed ? undefined : one.act?.(vnode);
    hasActed ||= act !== undefined;
    act?.();
  };
  options.diffed = (vnode) => void rendered.add(vnode.type);
  given.map = one.map ?? {};
  at(typeof one.at === 'string' ? one.at : one.at(known), one.trail ?? []);
  try {
    return renderToString(<Page service={service} canKeep={one.canKeep ?? false} />);
  } finally {
    vi.unstubAllGlobals();
    delete options.vnode;
    delete options.diffed;
  }
}

/** As someone reads it. */
function read(html: string): string {
  const text = html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
  return text.replaceAll(/\s+/g, ' ').replaceAll(/ ([:,])/g, '$1');
}

async function recorded(): Promise<Answers> {
  return recordAnswers((known) => {
    const all = Object.values(cases).flatMap((one) => {
      const service = replaying(known);
      render(one, service, idsOf(known));
      return service.missing.filter(({ operation }) => operation !== 'feedback');
    });
    return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
  });
}

beforeAll(async () => {
  if (process.env['SEGUE_RECORD'] !== undefined) writeFileSync(recordedPath, textOf(await recorded()));
  answers = readAnswers();
  ids = idsOf(answers);
  rendered.clear();
});

afterAll(() => vi.unstubAllGlobals());

/** A recorded answer, by an address that is easily read. */
function answerAt(path: string): any {
  const wanted = decodeURIComponent(path);
  const [, found] = [...answers].find(([address]) => decodeURIComponent(address) === wanted) ?? [];
  if (found === undefined) throw new Error(`no answer is recorded of ${path}`);
  return found.body;
}

describeInSmokeTest()('the page', () => {
  quickly.each(Object.entries(cases))('shows %s', (_, one) => {
    const service = replaying(answers, one.instead);
    const html = render(one, service);
    const text = read(html);
    const { sees, has = [], hides = [] } = one;
    for (const part of typeof sees === 'function' ? sees(answerAt, ids) : sees)
      expect(text).toContain(safeText(part));
    for (const part of has) expect(html).toContain(part);
    for (const part of hides) expect(text).not.toContain(part);
    expect(html.match(/<h1 /g)).toHaveLength(1);
    expect(html).toContain('<main id="main"');
    expect(text).not.toMatch(/undefined|NaN|\[object|\bnull\b/);
    expect(service.missing).toEqual([]);
    if (one.at === '#/') return;
    for (const part of words`class="masthead" aria-label="Views" role="status" <footer role="combobox"
      ${'<h2 id="help-title">Keys</h2>'} ${'aria-label="Colours: as the system. Change to light"'}`)
      expect(html).toContain(part);
  });

  /** Every view, with everything in it called so. */
  function* viewsOf(text: string): Generator<[name: string, one: Case, html: string]> {
    const named = (value: unknown, key = ''): unknown => {
      if (typeof value === 'string' && ['name', 'artist', 'title'].includes(key)) return text;
      if (Array.isArray(value)) return value.map((each) => named(each));
      if (typeof value !== 'object' || value === null || 'status' in value) return value;
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, named(each, name)]));
    };
    for (const [name, one] of Object.entries(cases)) {
      const instead: Instead = (path, body) => {
        const said = one.instead?.(path, body) ?? body;
        return path === '/v1' || path.startsWith('/v1/recipes') ? said : named(said);
      };
      yield [name, one, render(one, replaying(answers, instead))];
    }
  }

  quickly('shows the beginning of a long name, and the whole of it where that is the subject', () => {
    const long = 'é😀'.repeat(5000);
    let wholes = 0;
    for (const [name, , html] of viewsOf(long)) {
      wholes += Number(html.includes(`<h1 tabindex="-1"><bdi>${long}</bdi></h1>`));
      const others = html.replaceAll(/<h1[^]*?<\/h1>/g, '').replaceAll(/ (?:href|value)="[^"]*"/g, '');
      expect(others, name).not.toMatch(/(?:é😀){101}/u);
    }
    expect(wholes).toBeGreaterThan(0);
  });

  quickly('shows hostile names as text, in every view', () => {
    for (const [name, one, html] of viewsOf(hostile)) {
      expect(html, name).not.toMatch(/<img|\u202e/);
      expect(html, name).not.toContain('\u001b');
      if (/chosen|Hotel/.test(String(one.sees)))
        expect(html, name).toContain('&lt;img src=x onerror=alert(1)>&amp;');
    }
  });

  quickly('has no component that no view shows', async () => {
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.tsx') && file !== 'main.tsx',
    );
    expect(files.length).toBeGreaterThan(25);
    for (const one of Object.values(cases)) render(one, replaying(answers, one.instead));
    const unseen: string[] = [];
    for (const file of files) {
      const module = (await import(new URL(file, sources).href)) as Record<string, unknown>;
      const components = Object.entries(module).filter(
        ([name, it]) => /^[A-Z]/.test(name) && typeof it === 'function',
      );
      unseen.push(...components.flatMap(([name, it]) => (rendered.has(it) ? [] : [`${file}: ${name}`])));
    }
    expect(unseen).toEqual([]);
  });
});

describe('recorded answers', () => {
  quickly('are as openapi.json says', () => {
    for (const { question, status, body } of answers.values())
      expect(isAsDescribed(question.operation, body, status)).toBe(true);
  });

  inFullTest()('are what a service answers', async () => {
    expect(timeless(textOf(await recorded()))).toBe(timeless(readFileSync(recordedPath, 'utf8')));
  });
});
