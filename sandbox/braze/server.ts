/**
 * The wire: a real socket, so that a client's time-outs, resets and half answers are real too. A request is read whole, then the fault
 * plan may delay, hold or end it before or after it is carried out; carrying it out is one synchronous step.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe } from './describe.ts';
import { type Ending, endingAfter, endingBefore, endsAfter, endsBefore, waitAfter, waitBefore } from './endings.ts';
import { type Faults, tweaksOf } from './faults.ts';
import { handle, type Incoming } from './handle.ts';
import { isObject, textOf } from './json.ts';
import type { LogEntry, RequestLog } from './log.ts';
import type { Reply } from './reply.ts';
import type { Tweaks } from './routes.ts';
import type { World } from './world.ts';

export interface Wiring {
  readonly world: World;
  readonly log: RequestLog;
  readonly faults: Faults;
}

export class BrazeServer {
  readonly #wiring: Wiring;
  readonly #server: Server;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on loopback; resolves with the origin. */
  async listen(port: number): Promise<string> {
    await listening(this.#server, port);
    return originOf(this.#server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { world, log, faults } = this.#wiring;
    const incoming = await read(request, originOf(this.#server), world.options.bodyLimitBytes);
    world.agenda.runDue();
    const entry = log.arrive(describe(world, incoming));
    const struck = faults.strike(entry);
    entry.faults = struck.map((fault) => fault.id);
    await waitBefore(struck);
    const early = struck.find((fault) => endsBefore(fault.rule.action));
    if (early !== undefined) {
      this.#perform(endingBefore(early.rule.action, world), { entry, response });
      return;
    }
    const reply = handled(world, incoming, tweaksOf(struck));
    note(entry, reply, world.agenda.nowMs());
    await waitAfter(struck);
    const late = struck.find((fault) => endsAfter(fault.rule.action));
    const ending: Ending = late === undefined ? { kind: 'send', reply } : endingAfter(late.rule.action, reply);
    this.#perform(ending, { entry, response });
  }

  #perform(ending: Ending, what: { entry: LogEntry; response: ServerResponse }): void {
    const { entry, response } = what;
    if (ending.kind === 'send') this.#send(entry, response, ending.reply);
    else if (ending.kind === 'cut') this.#cut(entry, response, ending.reply);
    else if (ending.kind === 'silent') this.#wiring.log.finish(entry, 'silent');
    else this.#drop(entry, response);
  }

  #drop(entry: LogEntry, response: ServerResponse): void {
    response.destroy();
    this.#wiring.log.finish(entry, 'dropped');
  }

  #send(entry: LogEntry, response: ServerResponse, reply: Reply): void {
    const text = this.#head(response, reply);
    response.end(text, () => this.#wiring.log.finish(entry, 'answered', reply.status));
    if (response.destroyed || response.socket?.destroyed === true) this.#wiring.log.finish(entry, 'dropped');
  }

  /** Half of the body, then the end of the connection. */
  #cut(entry: LogEntry, response: ServerResponse, reply: Reply): void {
    const text = this.#head(response, reply);
    response.write(text.slice(0, Math.max(1, Math.floor(text.length / 2))), () => {
      response.socket?.destroy();
      this.#wiring.log.finish(entry, 'cut', reply.status);
    });
  }

  #head(response: ServerResponse, reply: Reply): string {
    const isHtml = typeof reply.body === 'string';
    const text = reply.body === undefined ? '' : typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    response.sendDate = false;
    response.writeHead(reply.status, {
      date: new Date(this.#wiring.world.agenda.nowMs()).toUTCString(),
      'content-type': isHtml ? 'text/html' : 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      ...reply.headers,
    });
    return text;
  }
}

/** A bug of the simulator shows as a 500 whose text stands in the log, not as a hanging client. */
function handled(world: World, incoming: Incoming, tweaks: Tweaks): Reply {
  try {
    return handle(world, incoming, tweaks);
  } catch (error) {
    return { status: 500, body: { message: 'Internal Server Error', errors: [String(error)] } };
  }
}

function note(entry: LogEntry, reply: Reply, nowMs: number): void {
  entry.committed = true;
  entry.committedMs = nowMs;
  entry.status = reply.status;
  entry.reply = reply.body;
  if (isObject(reply.body) && entry.endpoint.endsWith('-create')) entry.scheduleId = textOf(reply.body['schedule_id']);
}

async function read(request: IncomingMessage, origin: string, limit: number): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
  }
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', origin),
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    text: size > limit ? undefined : Buffer.concat(chunks).toString(),
  };
}

export async function listening(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

export function originOf(server: Server): string {
  const address = server.address();
  return isAddress(address) ? `http://127.0.0.1:${address.port}` : 'http://127.0.0.1';
}

const isAddress = (address: unknown): address is AddressInfo => isObject(address) && typeof address['port'] === 'number';
