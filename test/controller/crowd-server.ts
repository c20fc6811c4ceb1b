/**
 * Runs in a worker thread, so that its own work does not count: an API server with many objects, as a streamed initial state or in
 * pages. `workerData`: how many, and whether it can stream. Posts its port.
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { objects, canStream } = workerData as { objects: number; canStream: boolean };

/** As large as a real one with its status and history: about 2.5 KB. */
function object(index: number): object {
  const metadata = { name: `n${index}`, namespace: 'ns', uid: `uid-${index}`, resourceVersion: String(index + 1) };
  const history = Array.from({ length: 12 }, (_, entry) => ({
    at: '2026-11-25T01:00:00Z',
    action: 'created',
    outcome: 'done',
    attempt: entry,
    message: 'scheduled for the evening',
  }));
  return {
    apiVersion: 'test.matchday.dev/v1',
    kind: 'Note',
    metadata: { ...metadata, managedFields: history.slice(0, 4) },
    spec: { text: `t${index % 7}` },
    status: { history },
  };
}

async function stream(response: ServerResponse): Promise<void> {
  for (let index = 0; index < objects; index++) {
    if (!response.write(`${JSON.stringify({ type: 'ADDED', object: object(index) })}\n`)) await once(response, 'drain');
  }
  const metadata = { resourceVersion: String(objects), annotations: { 'k8s.io/initial-events-end': 'true' } };
  response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
}

function page(response: ServerResponse, query: URLSearchParams): void {
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(objects, from + Number(query.get('limit') ?? objects));
  const items = Array.from({ length: to - from }, (_, offset) => object(from + offset));
  response.end(JSON.stringify({ items, metadata: { resourceVersion: String(objects), ...(to < objects && { continue: String(to) }) } }));
}

const server = createServer((incoming, response) => {
  const { searchParams: query } = new URL(incoming.url ?? '/', 'http://x');
  if (!query.has('watch')) {
    page(response, query);
  } else if (query.has('sendInitialEvents') && !canStream) {
    response
      .writeHead(422)
      .end(JSON.stringify({ kind: 'Status', code: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' }));
  } else {
    response.writeHead(200).flushHeaders();
    if (query.has('sendInitialEvents')) void stream(response);
  }
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
