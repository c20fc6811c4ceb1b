/** A server in a thread of its own: it answers although nothing runs in the test's thread. */
import { createServer } from 'node:http';
import { isMainThread, parentPort } from 'node:worker_threads';

/** The answer leaves so long after the request was read. */
const ANSWERS_AFTER_MS = 20;

if (!isMainThread) {
  const server = createServer((_request, response) => {
    parentPort?.postMessage('asked');
    setTimeout(() => {
      response.writeHead(201, { 'content-type': 'application/json' });
      response.end('{"schedule_id":"s1"}');
    }, ANSWERS_AFTER_MS);
  });
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage(server.address()));
}
