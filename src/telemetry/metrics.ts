/**
 * The instruments of one process, in a registry of its own: two operators in one test process do not count into each other's.
 *
 * Series are born at zero where all their label values are known at start, so that `rate()` and an alert on "none for an hour" work
 * from the first scrape on. Series of objects must be removed with the object (`forget`), or the registry grows for ever.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricKey, type MetricRow } from './metric-table.ts';
import { ProblemSeries } from './problem-series.ts';

type Label<K extends MetricKey> = (typeof METRICS)[K]['labels'][number];
interface InstrumentOf<L extends string> {
  readonly counter: Counter<L>;
  readonly gauge: Gauge<L>;
  readonly histogram: Histogram<L>;
}
export type Instruments = { readonly [K in MetricKey]: InstrumentOf<Label<K>>[(typeof METRICS)[K]['type']] };

export interface Metrics extends Instruments {
  readonly problems: ProblemSeries;
  /** Removes what was counted for one object by name. Call it when the object is gone. */
  forget(object: { readonly kind: string; readonly namespace: string; readonly name: string }): void;
  /** `update` runs before each page, for values that are read rather than told. Returns the undo. */
  beforePage(update: () => void): () => void;
  /** The page for `/metrics`, and its Content-Type. */
  page(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsOptions {
  /** Label values that the wiring knows, by metric and label: `{ notifications: { phase: PHASES }, queueDepth: { name: [...] } }`. */
  readonly born?: { readonly [K in MetricKey]?: { readonly [L in Label<K>]?: readonly string[] } };
  /** Also `process_*` and `nodejs_*`. Watches garbage collection for the rest of the process' life: one registry only. */
  readonly processMetrics?: boolean;
}

export function createMetrics({ born = {}, processMetrics = false }: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const entries = Object.entries<MetricRow>(METRICS).map(([key, row]) => [key, instrument(registry, row)] as const);
  // The one place where the compiler can't follow from the table to the instruments made from it, row by row.
  const instruments = Object.fromEntries(entries) as unknown as Instruments;
  const wired: Readonly<Record<string, Readonly<Record<string, readonly string[]>> | undefined>> = born;
  for (const [key, made] of entries) bearAtZero(made, METRICS[key as MetricKey], wired[key]);
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const updates = new Set<() => void>();
  const problems = new ProblemSeries(instruments.resourceCondition);
  return {
    ...instruments,
    problems,
    forget: ({ kind, namespace, name }) => {
      problems.set({ kind, namespace, name }, []);
      if (kind === 'MatchNotification')
        for (const gauge of [instruments.sendTimestamp, instruments.sendArmed]) gauge.remove({ namespace, name });
      if (kind === 'BrazeWorkspace') instruments.clockSkew.remove({ namespace, name });
      if (kind !== 'MatchNotification') for (const bucket of BUCKETS) instruments.rateLimitRemaining.remove({ namespace, name, bucket });
    },
    beforePage: (update) => {
      updates.add(update);
      return () => void updates.delete(update);
    },
    page: async () => {
      for (const update of updates) update();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** The rate limits of `matchday_ratelimit_remaining`. */
const BUCKETS = ['hour', 'broadcast', 'audience_min', 'catalog_sync', 'catalog_async', 'feed'] as const;

type Instrument = Counter | Gauge | Histogram;

function instrument(registry: Registry, { type, name, help, labels, buckets }: MetricRow): Instrument {
  const common = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'counter') return new Counter(common);
  if (type === 'gauge') return new Gauge(common);
  return new Histogram({ ...common, ...(buckets === undefined ? {} : { buckets: [...buckets] }) });
}

function bearAtZero(made: Instrument, row: MetricRow, wired: Readonly<Record<string, readonly string[]>> = {}): void {
  const known = { ...row.values, ...wired };
  if (row.labels.length === 0 || !row.labels.every((label) => known[label] !== undefined)) return;
  for (const labels of combinations(row.labels, known)) {
    if (made instanceof Counter) made.inc(labels, 0);
    else if (made instanceof Gauge) made.set(labels, 0);
    else made.zero(labels);
  }
}

function combinations(labels: readonly string[], values: Readonly<Record<string, readonly string[]>>): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (made, label) => made.flatMap((one) => (values[label] ?? []).map((value) => ({ ...one, [label]: value }))),
    [{}],
  );
}
