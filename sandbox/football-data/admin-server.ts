/** The admin port: `POST /<method>` with the arguments as a JSON array, the method's result as JSON. Only on the loopback interface. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { close, listen, originOf } from './listening.ts';
import type { FootballDataAdmin } from './service.ts';

export interface AdminServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startAdminServer(admin: FootballDataAdmin, port: number): Promise<AdminServer> {
  const server = createServer((request, response) => void answer(admin, request, response));
  await listen(server, port);
  return { url: originOf(server), stop: () => close(server) };
}

async function answer(admin: FootballDataAdmin, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const result = await call(admin, (request.url ?? '/').slice(1), JSON.parse(Buffer.concat(chunks).toString() || '[]'));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result ?? null));
  } catch (error) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(error instanceof Error ? error.message : 'not understood');
  }
}

/** The arguments come from our own typed client, so they are passed on as they are. */
async function call(admin: FootballDataAdmin, method: string, args: never[]): Promise<unknown> {
  const methods = {
    edit: admin.edit,
    load: admin.load,
    replay: admin.replay,
    setBackends: admin.setBackends,
    setOddities: admin.setOddities,
    setAccounts: admin.setAccounts,
    addFaults: admin.addFaults,
    clearFaults: admin.clearFaults,
    match: admin.match,
    matches: admin.matches,
    requests: admin.requests,
    clearRequests: admin.clearRequests,
  } satisfies FootballDataAdmin;
  const known: Readonly<Record<string, (...given: never[]) => Promise<unknown>>> = methods;
  const found = Object.hasOwn(known, method) ? known[method] : undefined;
  if (found === undefined) throw new RangeError(`the admin port has no method "${method}"`);
  return found.apply(admin, args);
}
