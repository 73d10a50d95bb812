import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import type { SnapshotList } from '../api/answers.js';
import type { Asking } from '../api/use-answer.js';
import { noTrial } from '../listener/trial.js';
import { elsewhere, entityView, hrefOf, listenerView, startPlace, type View } from '../place/place.js';
import { usePage } from '../place/page-context.js';
import { SearchBox } from '../search/search-box.js';
import type { Found } from '../search/use-found.js';
import { chooseTheme, storedTheme, themes } from './theme.js';
import { Field } from './field.js';
import { SnapshotFields } from './snapshot-fields.js';

const tabs: readonly (readonly [name: string, view: View])[] = [
  ['Catalogue', { view: 'catalogue', kind: 'item' }],
  ['Someone new', { view: 'newcomer', trial: noTrial }],
  ['Map', { view: 'map' }],
];

interface MastheadProps {
  readonly snapshots: Asking<SnapshotList>;
  /** Names of the roots, where there are several. */
  readonly roots: readonly string[];
  readonly root: string | undefined;
  readonly onHelp: () => void;
}

/** What stands above every page: the search, the ways to begin, and the snapshots. */
export function Masthead({ snapshots, roots, root, onHelp }: MastheadProps): ComponentChild {
  const { place, go } = usePage();
  const pick = ({ kind, id }: Found): void =>
    go(elsewhere(place, kind === 'listener' ? listenerView(id) : entityView(kind, id)));
  return (
    <header class="masthead">
      <a class="brand" href={hrefOf(elsewhere(place, { view: 'catalogue', kind: 'item' }))}>
        segue
      </a>
      <nav class="tabs" aria-label="Views">
        {tabs.map(([name, view]) => (
          <a
            key={name}
            href={hrefOf(elsewhere(place, view))}
            aria-current={view.view === place.view ? 'page' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <search class="main-search">
        <SearchBox
          id="search"
          label="Search items, artists, albums and listeners"
          placeholder="Search  ( / )"
          among="everything"
          onPick={pick}
        />
      </search>
      <div class="tools">
        <ThemeSwitch />
        <button type="button" class="icon" aria-label="Keys" title="Keys" onClick={onHelp}>
          ?
        </button>
      </div>
      <div class="snapshots">
        {roots.length > 1 && (
          <Field
            label="Root"
            value={root ?? ''}
            options={roots.map((each) => [each, each])}
            onPick={(each) => go({ ...startPlace, root: each })}
          />
        )}
        <SnapshotFields list={snapshots} />
      </div>
    </header>
  );
}

const names = { auto: 'As the system', light: 'Light', dark: 'Dark' } as const;
const signs = {
  auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 0v12',
  light:
    'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  dark: 'M13 10.2A5.6 5.6 0 0 1 5.8 3 5.6 5.6 0 1 0 13 10.2Z',
} as const;

/** From one theme to the next. */
function ThemeSwitch(): ComponentChild {
  const [theme, setTheme] = useState(storedTheme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
  const change = (): void => {
    chooseTheme(next);
    setTheme(next);
  };
  return (
    <button
      type="button"
      class="icon"
      aria-label={`Colours: ${names[theme].toLowerCase()}. Change to ${names[next].toLowerCase()}`}
      title={`Colours: ${names[theme].toLowerCase()}`}
      onClick={change}
    >
      <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
        <path d={signs[theme]} />
      </svg>
    </button>
  );
}
