/** An API server of a few lines for single rows: each request is handed to the test, in order and with its URL parsed. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Tells connections apart. */
  readonly port: number;
}

export type Script = (request: ScriptedRequest, response: ServerResponse, count: number) => void;

export interface ScriptedApi extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
}

export async function scriptedApi(script: Script): Promise<ScriptedApi> {
  const requests: ScriptedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    response.on('error', () => {});
    const url = new URL(incoming.url ?? '/', 'http://x');
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const { method = 'GET', headers } = incoming;
    const request = { method, path: url.pathname, query: url.searchParams, headers, body, port: incoming.socket.remotePort ?? 0 };
    requests.push(request);
    script(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

export const status = (code: number, reason: string, message = 'said the script'): object => ({ kind: 'Status', code, reason, message });

export function note(name: string, version: string | number, options: { uid?: string; text?: string } = {}) {
  const metadata = { name, namespace: 'ns', uid: options.uid ?? `uid-${name}`, resourceVersion: String(version) };
  return {
    apiVersion: 'test.matchday.dev/v1',
    kind: 'Note',
    metadata: { ...metadata, managedFields: [{ manager: 'x' }] },
    spec: { text: options.text ?? `v${version}` },
  };
}

export const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
export const bookmark = (version: string | number, end = false): string =>
  line('BOOKMARK', {
    metadata: { resourceVersion: String(version), ...(end ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}) },
  });
