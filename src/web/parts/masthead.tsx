import type { ComponentChild } from 'preact';
import type { SnapshotList } from '../api/answers.js';
import type { Asking } from '../api/use-answer.js';
import { noTrial } from '../listener/trial.js';
import { elsewhere, entityView, hrefOf, listenerView, startPlace, type View } from '../place/place.js';
import { usePage } from '../place/page-context.js';
import { SearchBox } from '../search/search-box.js';
import type { Found } from '../search/use-found.js';
import { Field } from './field.js';
import { SnapshotFields } from './snapshot-fields.js';
import { ThemeSwitch } from './theme-switch.js';

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
