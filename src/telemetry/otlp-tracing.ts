/**
 * `Tracing` by OpenTelemetry: spans are gathered and sent by OTLP over HTTP, as JSON. Loaded by tracing.ts alone, and only when a receiver
 * is configured. Receiver, headers, time-out and certificates are read by the library from the standard `OTEL_EXPORTER_OTLP_…` variables,
 * names from `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`.
 *
 * Passes run at once and interleave; which of them a call belongs to is known by its asynchronous context, so nothing is handed through.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, DiagLogLevel, diag, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Log } from './log.ts';
import type { TracedCall, TracedPass, Tracing } from './tracing.ts';

/** A receiver that does not answer must not hold up the end of the process (25 s in all, design §6a). */
const STOP_MS = 3_000;
const COMPLAIN_EVERY_MS = 60_000;

interface Running {
  readonly context: Context;
  readonly span: Span;
  operationId: string | undefined;
}

export class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #scrub: (text: string) => string;
  readonly #complain: (why: string) => void;
  readonly #running = new AsyncLocalStorage<Running>();

  constructor({ scrub, log }: { readonly scrub: (text: string) => string; readonly log: Pick<Log, 'warn'> }) {
    this.#scrub = scrub;
    this.#complain = complainer(log);
    const silent = (): void => {};
    const logger = { error: this.#complain, warn: this.#complain, info: silent, debug: silent, verbose: silent };
    diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    const own = resourceFromAttributes({ 'service.name': 'matchday' });
    this.#provider = new TracerProvider({
      resource: own.merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
    });
  }

  async pass<T>({ controller, namespace, name }: TracedPass, work: () => Promise<T>): Promise<T> {
    const attributes = { 'matchday.controller': controller, 'k8s.namespace.name': namespace, 'matchday.name': name };
    const span = this.#tracer.startSpan(`pass ${controller}`, { attributes }, ROOT_CONTEXT);
    const running: Running = { context: trace.setSpan(ROOT_CONTEXT, span), span, operationId: undefined };
    try {
      return await this.#running.run(running, work);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: this.#scrub(error instanceof Error ? error.message : String(error)) });
      throw error;
    } finally {
      span.end();
    }
  }

  /** Told when it is over: its beginning lies as far back as it took. */
  called({ api, operation, code, seconds, subject }: TracedCall): void {
    const running = this.#running.getStore();
    if (running === undefined && api === 'kubernetes') return;
    const endTime = Date.now();
    const attributes = {
      'matchday.api': api,
      'matchday.code': code,
      ...(subject === undefined ? {} : { 'matchday.subject': subject }),
      ...(running?.operationId === undefined ? {} : { 'matchday.operation_id': running.operationId }),
    };
    const options = { kind: SpanKind.CLIENT, startTime: endTime - seconds * 1_000, attributes };
    const span = this.#tracer.startSpan(`${api} ${operation}`, options, running?.context ?? ROOT_CONTEXT);
    if (!/^[123]/.test(code)) span.setStatus({ code: SpanStatusCode.ERROR, message: code });
    span.end(endTime);
  }

  operation(id: string): void {
    const running = this.#running.getStore();
    if (running === undefined) return;
    running.operationId = id;
    running.span.setAttribute('matchday.operation_id', id);
  }

  async stop(): Promise<void> {
    const ended = this.#provider
      .shutdown()
      .catch((error: unknown) => this.#complain(error instanceof Error ? error.message : String(error)));
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
  }

  get #tracer() {
    return this.#provider.getTracer('matchday');
  }
}

/** Once in a while: a receiver that is away would be told of with every batch. */
function complainer(log: Pick<Log, 'warn'>): (why: string) => void {
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return (why) => {
    if (performance.now() < quietUntilMs) return;
    quietUntilMs = performance.now() + COMPLAIN_EVERY_MS;
    log.warn('traces can not be sent; nothing else is affected, and what is not sent in time is dropped', { why: inWords(why) });
  };
}

/** The library spells an error out as JSON, stack and answer included. */
function inWords(text: string): string {
  try {
    const { message, code }: { message?: string; code?: string } = JSON.parse(text);
    return message === undefined ? text : `${message}${code === undefined ? '' : ` (${code})`}`;
  } catch {
    return text;
  }
}
