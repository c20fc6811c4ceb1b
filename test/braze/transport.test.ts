import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { Transport } from '../../src/braze/transport.ts';

const TIMEOUT_MS = 300;

/** As a process that was stopped, or whose machine slept: nothing runs in this thread until then. */
function standStill(untilMs: number): void {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(nobody, 0, 0, untilMs - performance.now());
}

describe('a process that stood still past the time-out of its call', () => {
  it('reads the answer that had come meanwhile', async () => {
    const server = new Worker(new URL('./answering-thread.ts', import.meta.url));
    onTestFinished(async () => void (await server.terminate()));
    const [address] = (await once(server, 'message')) as [{ port: number }];
    const transport = new Transport({ origin: `http://127.0.0.1:${address.port}`, clock: systemClock });
    onTestFinished(() => transport.close());
    const began = performance.now();
    const exchange = transport.exchange({ method: 'POST', path: '/x', body: {}, apiKey: 'k', timeoutMs: TIMEOUT_MS });
    await once(server, 'message');
    standStill(began + TIMEOUT_MS * 2);
    expect(await exchange).toMatchObject({ kind: 'answered', status: 201, text: '{"schedule_id":"s1"}' });
  });
});
