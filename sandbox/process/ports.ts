import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range from which the kernel takes the ports of outgoing connections (32768 on Linux): a server that stops and starts again on
 * its port must not find it taken by somebody's client.
 */
const FIRST = 20_000;
const LAST = 32_000;

/**
 * `count` different ports of 127.0.0.1 that are free right now. Somebody may take one before it is used, so whoever listens on it must be
 * ready to ask again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    const listening = once(server, 'listening');
    server.listen(port, '127.0.0.1');
    await listening;
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
