/**
 * football-data.org on a real socket, and beside it an admin port. Everything is in this process: stopping leaves no port and no timer behind.
 * The demo and the tests use it in process; another process has `footballDataAdminClient`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { startAdminServer } from './admin-server.ts';
import { close, listen, originOf } from './listening.ts';
import { type FootballDataAdmin, FootballDataService, type Served, type ServiceOptions } from './service.ts';

export interface SimulatorOptions extends ServiceOptions {
  /** Default: any free port. */
  readonly port?: number;
  readonly adminPort?: number;
}

export interface FootballDataSimulator {
  /** Origin of the API: `http://127.0.0.1:…`. */
  readonly url: string;
  readonly adminUrl: string;
  readonly admin: FootballDataAdmin;
  stop(): Promise<void>;
}

export async function startFootballDataSimulator(options: SimulatorOptions): Promise<FootballDataSimulator> {
  const service = new FootballDataService(options);
  const delays = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => answer({ request, response, service, delays }));
  await listen(server, options.port ?? 0);
  const admin = await startAdminServer(service, options.adminPort ?? 0);
  return {
    url: originOf(server),
    adminUrl: admin.url,
    admin: service,
    stop: async () => {
      for (const delay of delays) clearTimeout(delay);
      await Promise.all([close(server), admin.stop()]);
    },
  };
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly service: FootballDataService;
  readonly delays: Set<NodeJS.Timeout>;
}

function answer({ request, response, service, delays }: Call): void {
  if (request.method !== 'GET') {
    response.writeHead(405, { allow: 'GET' }).end();
    return;
  }
  const token = request.headers['x-auth-token'];
  const url = new URL(request.url ?? '/', 'http://simulator');
  const served = service.serve(url, typeof token === 'string' ? token : undefined);
  if (served.fault?.kind !== 'slow') {
    send(response, served);
    return;
  }
  const delay = setTimeout(() => {
    delays.delete(delay);
    send(response, served);
  }, served.fault.delayMs);
  delays.add(delay);
}

function send(response: ServerResponse, { reply, fault }: Served): void {
  if (fault?.kind === 'drop') {
    response.socket?.resetAndDestroy();
    return;
  }
  const whole = Buffer.from(reply.body);
  const half = whole.subarray(0, Math.floor(whole.length / 2));
  const body = fault?.kind === 'truncated' ? half : whole;
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(body.length) });
  if (fault?.kind !== 'cut') {
    response.end(body);
    return;
  }
  response.write(half, () => response.socket?.resetAndDestroy());
}
