/** A receiver of traces, as an OpenTelemetry collector is one: OTLP over HTTP, in JSON. Keeps what it is sent. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed: boolean;
}

export interface OtlpReceiver extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** Bodies, as they came. */
  readonly bodies: readonly string[];
  /** `authorization` of each request. */
  readonly proofs: readonly (string | undefined)[];
  spans(): readonly ReceivedSpan[];
  /** Values of `service.name`. */
  services(): readonly string[];
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly attributes: readonly Attribute[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

export async function startOtlpReceiver({ status = 200 }: { readonly status?: number } = {}): Promise<OtlpReceiver> {
  const bodies: string[] = [];
  const proofs: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      if (request.url === '/v1/traces') bodies.push(text);
      proofs.push(request.headers.authorization);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const resources = () => bodies.flatMap((body) => (JSON.parse(body) as Body).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    proofs,
    services: () => [...new Set(resources().flatMap(({ resource }) => attributesOf(resource.attributes)['service.name'] ?? []))],
    spans: () =>
      resources()
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
        .map(({ traceId, spanId, parentSpanId, name, attributes, status }) => ({
          ...{ traceId, spanId, name, attributes: attributesOf(attributes), failed: status?.code === 2 },
          parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
        })),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const attributesOf = (list: readonly Attribute[]): Readonly<Record<string, string>> =>
  Object.fromEntries(list.flatMap(({ key, value }) => (value.stringValue === undefined ? [] : [[key, value.stringValue]])));
