/**
 * Traces: a span for each pass, and under it one for each remote call that the pass made, joined by the operation id that the log, the
 * object and the ledger use too. Only where `OTEL_EXPORTER_OTLP_ENDPOINT` (or `…_TRACES_ENDPOINT`) names a receiver is the OpenTelemetry
 * library loaded at all: a process that holds API keys loads no code that it does not need.
 *
 * Nothing waits for a span and none can fail a pass; after a crash the last seconds of spans are lost.
 */
import type { Log } from './log.ts';
import type { Secrets } from './secrets.ts';

export interface TracedPass {
  readonly controller: string;
  readonly namespace: string;
  readonly name: string;
}

/** A remote call that ended just now. Free of secrets: names, codes and ids. */
export interface TracedCall {
  readonly api: 'braze' | 'football-data' | 'translator' | 'kubernetes';
  /** `schedule.create`, `PUT matchnotifications/status default/pl-600123`. */
  readonly operation: string;
  /** HTTP status, or the word that the metrics use when there was none. */
  readonly code: string;
  readonly seconds: number;
  /** What it was about: the notification item, the schedule, the campaign. */
  readonly subject?: string;
}

export interface Tracing {
  /** Runs one pass as a span. Throws what `work` throws. */
  pass<T>(pass: TracedPass, work: () => Promise<T>): Promise<T>;
  /** The call belongs to the pass that made it; of Kubernetes only those of a pass are told. */
  called(call: TracedCall): void;
  /** What follows in this pass belongs to this operation. */
  operation(id: string): void;
  /** Sends what is left, and waits a few seconds for it at most. */
  stop(): Promise<void>;
}

const NO_TRACING: Tracing = {
  pass: (_pass, work) => work(),
  called: () => {},
  operation: () => {},
  stop: () => Promise.resolve(),
};

export interface TracingOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Pick<Secrets, 'register' | 'scrub'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** What traces go to, as the environment says. Throws nothing: without its library the process goes on, and says so. */
export async function startTracing({ env, secrets, log }: TracingOptions): Promise<Tracing> {
  if (!isConfigured(env)) return NO_TRACING;
  registerHeaders(env, secrets);
  try {
    const { OtlpTracing } = await import('./otlp-tracing.ts');
    log.info('traces are sent to the receiver that OTEL_EXPORTER_OTLP_ENDPOINT names');
    return new OtlpTracing({ scrub: (text) => secrets.scrub(text), log });
  } catch (error) {
    log.warn('no traces are sent: the OpenTelemetry library could not be loaded', { error });
    return NO_TRACING;
  }
}

function isConfigured(env: TracingOptions['env']): boolean {
  if (env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return false;
  return [env['OTEL_EXPORTER_OTLP_ENDPOINT'], env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']].some((url) => url !== undefined && url !== '');
}

/** A receiver's own key, which the library may quote when it complains. */
function registerHeaders(env: TracingOptions['env'], secrets: Pick<Secrets, 'register'>): void {
  for (const variable of ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS']) {
    for (const pair of (env[variable] ?? '').split(',')) {
      const [name = '', ...value] = pair.split('=');
      secrets.register(`${variable} ${name.trim()}`, decoded(value.join('=').trim()));
    }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
