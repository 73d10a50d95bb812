import { readInteractions, type EventsRead, type ReadEventsOptions } from '../events/read-events.js';
import type { SparkOnDemand } from './on-demand.js';

/** Events by whatever runs the task: Spark, where there is one, else this machine. AppErrors of `readInteractions`. */
export async function readEventsBy(
  spark: SparkOnDemand | undefined,
  options: ReadEventsOptions & { readonly table?: readonly string[] | undefined },
): Promise<EventsRead> {
  if (spark === undefined) return readInteractions(options);
  const { readElsewhere, requireReadable } = await import('../events/elsewhere/read-elsewhere.js');
  // Before an application is started.
  requireReadable(options);
  const { events } = await spark.open();
  return readElsewhere({ ...options, tables: options.table ?? [] }, events);
}
