/**
 * The admin port of the sandbox's clock, for people with curl and for processes that follow it.
 *
 * `GET /clock` the state as JSON · `PUT /clock` moves it: `{"instant":"2026-12-06T11:30:00Z"}`, `{"advanceMs":3600000}`, `{"rate":60}`, or
 * several at once; answers with the new state · `GET /clock/stream` one line of JSON now and after each move, until somebody hangs up.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { ClockState, SandboxClock } from './sandbox-clock.ts';

/** What `PUT /clock` takes. */
const move = z.strictObject({
  instant: z.string().optional(),
  advanceMs: z.number().optional(),
  rate: z.number().optional(),
});

/** A body longer than this is no move. */
const MAX_BODY_LENGTH = 4_096;

export interface ServedClock extends AsyncDisposable {
  /** `http://127.0.0.1:<port>/clock`, which `followClock` takes. */
  readonly url: string;
  /** Hangs up on all followers; they keep the time that they know. */
  close(): Promise<void>;
}

/** Serves `clock` on 127.0.0.1, on a free port unless told. Throws when the port is taken. */
export async function serveClock(clock: SandboxClock, { port = 0 }: { readonly port?: number } = {}): Promise<ServedClock> {
  const server = createServer((request, response) => {
    void handle({ clock, request, response }).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${portOf(server)}/clock`, close, [Symbol.asyncDispose]: close };
}

interface Call {
  readonly clock: SandboxClock;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function handle(call: Call): Promise<void> {
  const { clock, request, response } = call;
  const { method = '', url = '' } = request;
  if (url === '/clock/stream' && method === 'GET') return stream(call);
  if (url !== '/clock') return answer(response, 404, { error: `there is no ${url} here: GET /clock, PUT /clock, GET /clock/stream` });
  if (method === 'GET') return answer(response, 200, clock.state);
  if (method !== 'PUT') return answer(response, 405, { error: `${method} is not for a clock: GET or PUT` });
  try {
    clock.move(readMove(await text(request)));
  } catch (error) {
    return answer(response, 400, { error: error instanceof Error ? error.message : String(error) });
  }
  return answer(response, 200, clock.state);
}

function readMove(body: string): { instant?: Temporal.Instant; advanceMs?: number; rate?: number } {
  if (body.length > MAX_BODY_LENGTH) throw new RangeError('this is too long for a move of a clock');
  const { instant, advanceMs, rate } = move.parse(JSON.parse(body));
  return {
    ...(instant === undefined ? {} : { instant: Temporal.Instant.from(instant) }),
    ...(advanceMs === undefined ? {} : { advanceMs }),
    ...(rate === undefined ? {} : { rate }),
  };
}

function stream({ clock, response }: Call): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const write = (): void => {
    response.write(line(clock.state));
  };
  response.on('close', clock.onMoved(write));
  write();
}

function line(state: ClockState): string {
  return `${JSON.stringify(state)}\n`;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the clock does not listen on a port');
  return address.port;
}
