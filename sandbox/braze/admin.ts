/**
 * The admin port: what tests and the demo in other processes see and steer. Everything is JSON; a bad request says what was wrong.
 * Long polls (`/requests/wait`, `/faults/{id}/struck`) end by themselves after their time-out.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as input from './admin-input.ts';
import type { Fault } from './faults.ts';
import { isObject, textOf } from './json.ts';
import { listening, originOf } from './server.ts';
import type { BrazeSimulator } from './simulator.ts';

interface AdminCall {
  readonly body: unknown;
  readonly query: URLSearchParams;
  readonly path: readonly string[];
}
type AdminHandler = (simulator: BrazeSimulator, call: AdminCall) => unknown;

const faultView = (fault: Fault) => ({ id: fault.id, rule: fault.rule, hits: fault.hits.map((hit) => hit.seq) });

function faultOf(simulator: BrazeSimulator, call: AdminCall): Fault {
  const fault = simulator.faults.get(call.path[0] ?? '');
  if (fault === undefined) throw new input.BadAdminRequest(`no fault ${call.path[0]}`);
  return fault;
}

function setItem(simulator: BrazeSimulator, call: AdminCall): void {
  const { body } = call;
  if (!isObject(body) || !isObject(body['members'] ?? {})) throw new input.BadAdminRequest('members must be an object, or null to delete');
  const members = isObject(body['members']) ? body['members'] : undefined;
  simulator.setItem(call.path[0] ?? '', call.path[1] ?? '', members);
}

const timeoutOf = (call: AdminCall): number => Number(call.query.get('timeoutMs') ?? 10_000);

const within = <T>(work: Promise<T>, ms: number): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new input.BadAdminRequest(`nothing within ${ms} ms`)), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
};

const ROUTES: Readonly<Record<string, AdminHandler>> = {
  'GET /schedules': (simulator) => simulator.schedules(),
  'GET /deliveries': (simulator, call) => simulator.deliveries(input.deliveryFilter(call.query)),
  'GET /aborts': (simulator, call) => simulator.aborts(input.deliveryFilter(call.query)),
  'GET /told/*': (simulator, call) => simulator.timesTold(call.path[0] ?? ''),
  'GET /catalogs': (simulator) => simulator.catalogs(),
  'GET /requests': (simulator, call) => simulator.log.where(input.logFilter(call.query)),
  'GET /requests/wait': (simulator, call) => simulator.log.waitFor(input.logFilter(call.query), timeoutOf(call)),
  'GET /counts': (simulator) => ({ calls: simulator.log.counts(), rateLimited: simulator.rateLimited() }),
  'GET /campaigns': (simulator) => simulator.campaigns(),
  'GET /faults': (simulator) => simulator.faults.list().map(faultView),
  'GET /faults/*/struck': (simulator, call) =>
    within(faultOf(simulator, call).struck(Number(call.query.get('count') ?? 1)), timeoutOf(call)),
  'GET /options': (simulator) => simulator.options,
  'GET /keys': (simulator) => simulator.keys(),
  'POST /campaigns': (simulator, call) => simulator.addCampaign(input.readCampaign(call.body)),
  'POST /campaigns/*': (simulator, call) => simulator.changeCampaign(call.path[0] ?? '', input.readCampaignChange(call.body)),
  'POST /options': (simulator, call) => simulator.setOptions(input.readOptions(call.body)),
  'POST /keys': (simulator, call) => simulator.addKey(input.readKey(call.body)),
  'DELETE /keys/*': (simulator, call) => simulator.removeKey(call.path[0] ?? ''),
  'POST /faults': (simulator, call) => faultView(simulator.fault(input.readFaultRule(call.body))),
  'POST /faults/*/release': (simulator, call) => faultOf(simulator, call).release(),
  'DELETE /faults/*': (simulator, call) => faultOf(simulator, call).remove(),
  'POST /catalogs': (simulator, call) => {
    const body = isObject(call.body) ? call.body : {};
    simulator.createCatalog(textOf(body['name']) ?? '', input.readFields(body['fields']));
  },
  'POST /catalogs/*/items/*': setItem,
  'POST /dashboard': (simulator, call) => simulator.addDashboardBroadcast(input.readDashboard(call.body)),
  'POST /settle': (simulator) => simulator.settled(),
  'POST /reset': (simulator) => simulator.reset(),
};

const TABLE = Object.entries(ROUTES).map(([line, handler]) => {
  const [method = '', path = ''] = line.split(' ');
  return { method, pattern: new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`), handler };
});

export class AdminServer {
  readonly #server: Server;
  #simulator: BrazeSimulator | undefined;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async listen(port: number): Promise<string> {
    await listening(this.#server, port);
    return originOf(this.#server);
  }

  serve(simulator: BrazeSimulator): void {
    this.#simulator = simulator;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const result = await this.#run(request);
      respond(response, 200, result ?? {});
    } catch (error) {
      respond(response, 400, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #run(request: IncomingMessage): Promise<unknown> {
    const url = new URL(request.url ?? '/', originOf(this.#server));
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    for (const { method, pattern, handler } of TABLE) {
      const match = method === request.method ? pattern.exec(url.pathname) : null;
      if (match === null || this.#simulator === undefined) continue;
      return await handler(this.#simulator, { body, query: url.searchParams, path: match.slice(1).map(decodeURIComponent) });
    }
    throw new input.BadAdminRequest(`no admin call ${request.method} ${url.pathname}; known: ${Object.keys(ROUTES).join(', ')}`);
  }
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
