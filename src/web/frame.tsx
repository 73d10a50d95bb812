import type { ComponentChild } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Answer } from '../client/client.js';
import { query } from './api/queries.js';
import { ServiceContext, useService } from './api/service-context.js';
import { useAnswer } from './api/use-answer.js';
import { Crumbs } from './parts/crumbs.js';
import { Masthead } from './parts/masthead.js';
import { ProblemNote } from './parts/problem-note.js';
import { KindsContext, usePage, usePlaceName } from './place/page-context.js';
import { elsewhere, hrefOf, subjectOf, type Place } from './place/place.js';
import type { Step } from './place/trail.js';
import { useSnapshots } from './place/use-snapshots.js';
import { CatalogueView } from './views/catalogue-view.js';
import { EntityView } from './views/entity-view.js';
import { ListenerView } from './views/listener-view.js';
import { MapView } from './views/map-view.js';
import { NewcomerView } from './views/newcomer-view.js';

export interface FrameProps {
  readonly trail: readonly Step[];
  readonly name: string | undefined;
  readonly onHelp: () => void;
}

/** What stands around each view, once it is known which roots are served. */
export function Frame(props: FrameProps): ComponentChild {
  const asking = useService();
  const { value, problem, retry } = useAnswer(query('served', {}), 'served');
  const root = asking.root ?? value?.roots[0]?.name ?? undefined;
  const ofRoot = useMemo(() => ({ ...asking, root }), [asking, root]);
  if (problem !== undefined) {
    return (
      <main id="main" tabIndex={-1}>
        <h1 tabIndex={-1}>segue</h1>
        <ProblemNote problem={problem} retry={retry} />
      </main>
    );
  }
  if (value === undefined) return null;
  return (
    <ServiceContext.Provider value={ofRoot}>
      <Surroundings {...props} served={value} />
    </ServiceContext.Provider>
  );
}

interface SurroundingsProps extends FrameProps {
  readonly served: Answer<'served'>;
}

function Surroundings({
  trail,
  name,
  onHelp,
  served: { roots, version },
}: SurroundingsProps): ComponentChild {
  const { place } = usePage();
  const { root } = useService();
  const { snapshots, kinds } = useSnapshots(place.snapshot);
  const named = roots.flatMap((each) => (each.name === null ? [] : [each.name]));
  return (
    <KindsContext.Provider value={kinds}>
      <Masthead snapshots={snapshots} roots={named} root={root} onHelp={onHelp} />
      <main id="main" tabIndex={-1}>
        <Crumbs trail={trail} name={name ?? ''} />
        <ViewOf key={`${root ?? ''} ${subjectOf(place)}`} place={place} />
      </main>
      <footer class="quiet">segue {version}</footer>
    </KindsContext.Provider>
  );
}

function ViewOf({ place }: { readonly place: Place }): ComponentChild {
  switch (place.view) {
    case 'catalogue':
      return <CatalogueView place={place} />;
    case 'entity':
      return <EntityView place={place} />;
    case 'listener':
      return <ListenerView place={place} />;
    case 'newcomer':
      return <NewcomerView place={place} />;
    case 'map':
      return <MapView />;
    case 'nowhere':
      return <NowhereView />;
  }
}

/** An address that leads to nothing. */
function NowhereView(): ComponentChild {
  const { place } = usePage();
  usePlaceName('Nothing here');
  return (
    <header class="subject">
      <h1 tabIndex={-1}>Nothing here</h1>
      <p>
        The address leads to no page.{' '}
        <a href={hrefOf(elsewhere(place, { view: 'catalogue', kind: 'item' }))}>The catalogue</a> is a place
        to begin.
      </p>
    </header>
  );
}
