/** What the service measures of itself, as Prometheus reads it. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ServedRoots } from './served-roots.js';

export interface Metrics {
  /** Begins a request of a route's pattern; call what it returns with the status. */
  begin(route: string): (status: number) => void;
  refused(code: string): void;
  text(): Promise<string>;
  readonly contentType: string;
}

/** In seconds: an answer takes from a tenth of a millisecond to what `timeout` allows. */
const buckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** @param log whose lost lines are counted */
export function makeMetrics(roots: ServedRoots, log: { readonly dropped: number }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    ...{ name: 'segue_request_seconds', help: 'how long answers took', registers, buckets },
    labelNames: ['route', 'status'],
  });
  const inFlight = new Gauge({
    ...{ name: 'segue_requests_in_flight', help: 'requests that are being answered', registers },
  });
  const refusals = new Counter({
    ...{ name: 'segue_refused_total', help: 'requests that were not answered, by problem', registers },
    labelNames: ['code'],
  });
  new Gauge({
    ...{ name: 'segue_log_dropped', help: 'lines of the log that were dropped, since the start', registers },
    collect() {
      this.set(log.dropped);
    },
  });
  /** One number a root, looked up when it is asked for. */
  const perRoot = (
    name: string,
    help: string,
    read: (state: ReturnType<ServedRoots['get']>) => number | null,
  ): void => {
    const gauge = new Gauge<'root'>({
      ...{ name, help, registers, labelNames: ['root'] as const },
      collect: () => {
        for (const [root, served] of roots.all) {
          const value = read(served);
          if (value !== null) gauge.set({ root: root ?? '' }, value);
        }
      },
    });
  };
  perRoot(
    'segue_snapshot_epoch',
    'sequence number of the publication that answers',
    ({ state }) => state.epoch,
  );
  perRoot(
    'segue_snapshot_age_seconds',
    'time since the snapshot that answers was published',
    ({ state: { publishedAtMs } }) => (publishedAtMs === null ? null : (Date.now() - publishedAtMs) / 1000),
  );
  perRoot(
    'segue_snapshot_lag',
    'publications that are on disk and do not answer yet: more than 0 for long means that one cannot be opened',
    (served) => served.lag(),
  );
  perRoot('segue_ledger_entries', 'sequence number of the last entry of the ledger', (served) =>
    served.ledgerWatermark(),
  );
  return {
    begin(route) {
      const startedMs = performance.now();
      inFlight.inc();
      return (status) => {
        inFlight.dec();
        seconds.observe({ route, status }, (performance.now() - startedMs) / 1000);
      };
    },
    refused: (code) => refusals.inc({ code }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
