/**
 * Stands between a client and a real API server and breaks what it is told to: plain HTTP towards the client, TLS towards the server.
 * Faults are looked at in the order in which they were added; the first that matches a request decides. Requests that were made are
 * recorded, open watches can be cut, silenced or have bytes slipped into them.
 */
import { type ClientRequest, createServer, type IncomingMessage, request as plainRequest, type ServerResponse } from 'node:http';
import { Agent, request as tlsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { stateAsWatch, withQuery } from './lagging-answer.ts';
import type { FaultAction, Matcher, ProxiedRequest, Stage } from './proxy-faults.ts';
import { type LineRule, WatchGate, type WatchLine } from './watch-gate.ts';

/** The newest lines of all watches are kept. */
const LINES_KEPT = 200;

export interface Fault {
  /** How often it was used. */
  readonly hits: number;
  remove(): void;
}

export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** `times`: removed by itself after so many uses. */
  fault(match: Matcher, action: FaultAction, times?: number): Fault;
  readonly openWatches: number;
  /** Slips raw bytes into each open watch. */
  inject(bytes: string): void;
  /** Open watches stay open, and no byte of theirs comes through any more. */
  silenceWatches(): void;
  /** `reset` as a broken network, `end` as the server's own end of a watch. */
  cutWatches(how: 'reset' | 'end'): void;
  /** Lines of watches, oldest first, as the server sent them; only the newest are kept. */
  readonly lines: readonly WatchLine[];
  /** Decides on each line of each watch from now on, also of open ones; undefined lets all pass. */
  judgeLines(rule: LineRule | undefined): void;
  /** Nothing gets through any more, whatever the faults say, and no answer comes back: refused or in silence. Returns the undo. */
  partition(how: 'refused' | 'silent'): () => void;
  /** Further requests go to another API server. */
  retarget(target: Target): void;
  close(): Promise<void>;
}

export interface Target {
  /** `https://…` or `http://…` of the API server. */
  readonly server: string;
  /** PEM; the certificate is not checked without it. */
  readonly ca?: string;
  /** Replaces the client's bearer token. */
  readonly token?: string;
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly upstream: IncomingMessage;
  silent: boolean;
}

export const isWatch: Matcher = (request) => request.isWatch;
export const isList: Matcher = (request) => request.method === 'GET' && !request.isWatch && !request.url.searchParams.has('fieldSelector');

export async function startFaultProxy(target: Target): Promise<FaultProxy> {
  const proxy = new BreakingProxy(target);
  await proxy.listen();
  return proxy;
}

class BreakingProxy implements FaultProxy {
  readonly requests: ProxiedRequest[] = [];
  readonly #server = createServer((incoming, response) => this.#serve(incoming, response));
  readonly #faults: { match: Matcher; action: FaultAction; left: number; hits: number }[] = [];
  readonly #watches = new Set<OpenWatch>();
  readonly lines: WatchLine[] = [];
  #rule: LineRule | undefined;
  #partition: 'refused' | 'silent' | undefined;
  #target: Target;
  #agent: Agent;

  constructor(target: Target) {
    this.#target = target;
    this.#agent = agentFor(target);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get openWatches(): number {
    return this.#watches.size;
  }

  fault(match: Matcher, action: FaultAction, times = Number.POSITIVE_INFINITY): Fault {
    const entry = { match, action, left: times, hits: 0 };
    this.#faults.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => {
        entry.left = 0;
      },
    };
  }

  inject(bytes: string): void {
    for (const { response } of this.#watches) response.write(bytes);
  }

  silenceWatches(): void {
    for (const watch of this.#watches) watch.silent = true;
  }

  cutWatches(how: 'reset' | 'end'): void {
    for (const watch of this.#watches) cut(watch, how);
  }

  judgeLines(rule: LineRule | undefined): void {
    this.#rule = rule;
  }

  partition(how: 'refused' | 'silent'): () => void {
    this.#partition = how;
    if (how === 'refused') this.cutWatches('reset');
    else this.silenceWatches();
    return () => {
      this.#partition = undefined;
      this.cutWatches('reset');
    };
  }

  retarget(target: Target): void {
    this.#target = target;
    this.#agent.destroy();
    this.#agent = agentFor(target);
  }

  async close(): Promise<void> {
    this.cutWatches('reset');
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serve(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', this.url);
    const isWatchRequest = url.searchParams.get('watch') === 'true';
    const method = incoming.method ?? 'GET';
    const request: ProxiedRequest = {
      method,
      url,
      isWatch: isWatchRequest,
      authorization: incoming.headers.authorization,
      status: undefined,
    };
    this.requests.push(request);
    response.on('error', () => {});
    if (this.#isCutOff(response)) return;
    const fault = this.#faults.find(({ match, left }) => left > 0 && match(request));
    const exchange = { incoming, response, request };
    if (fault === undefined) {
      this.#forward(exchange);
      return;
    }
    fault.left -= 1;
    fault.hits += 1;
    this.#break(exchange, fault.action);
  }

  #break(exchange: Exchange, action: FaultAction): void {
    const { response, request } = exchange;
    switch (action.kind) {
      case 'answer':
        request.status = action.status;
        response.writeHead(action.status, { 'content-type': 'application/json', ...action.headers });
        response.end(typeof action.body === 'string' ? action.body : JSON.stringify(action.body ?? statusOf(action.status)));
        return;
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'drop-answer':
        this.#forward(exchange, (upstream) => {
          upstream.resume().on('end', () => response.socket?.resetAndDestroy());
        });
        return;
      case 'hold':
        return;
      case 'delay':
        setTimeout(() => this.#forward(exchange), action.ms);
        return;
      case 'script':
        request.status = 200;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(action.bytes);
        if (!action.leaveOpen) response.end();
        return;
      case 'past':
        this.#fromThePast(exchange, action).catch(() => response.socket?.resetAndDestroy());
        return;
      case 'rewrite':
        this.#rewritten(exchange, action).catch(() => response.socket?.resetAndDestroy());
        return;
      case 'stage':
        this.#inStages(exchange, action).catch(() => response.socket?.resetAndDestroy());
    }
  }

  /** Whether nothing gets to the client. */
  #isCutOff(response: ServerResponse): boolean {
    if (this.#partition === 'refused') response.socket?.resetAndDestroy();
    return this.#partition !== undefined;
  }

  async #fromThePast(exchange: Exchange, { version, live }: { version: string; live: Promise<unknown> }): Promise<void> {
    const { request, response } = exchange;
    const asList = withQuery(request.url, { resourceVersion: version, resourceVersionMatch: 'Exact' });
    if (!request.isWatch) {
      this.#forward({ ...exchange, request: { ...request, url: asList } });
      return;
    }
    const list = await this.#fetch({ ...exchange, request: { ...request, url: asList } });
    request.status = list.status;
    response.writeHead(list.status ?? 502, { 'content-type': 'application/json' });
    response.write(list.status === 200 ? stateAsWatch(list.text) : list.text);
    await live;
    // What happened since, from that version on, as one stream with what was said.
    const url = withQuery(request.url, { resourceVersion: version, sendInitialEvents: undefined, resourceVersionMatch: undefined });
    const send = this.#send(
      { ...exchange, request: { ...request, url } },
      {
        take: (upstream) => this.#watch({ response, request }, upstream),
        lost: () => response.socket?.resetAndDestroy(),
      },
    );
    response.on('close', () => send.destroy());
    send.end();
  }

  async #fetch(exchange: Exchange, body = ''): Promise<{ status: number | undefined; upstream: IncomingMessage; text: string }> {
    const upstream = await new Promise<IncomingMessage>((resolve, reject) => {
      this.#send(exchange, { take: resolve, lost: reject }).end(body);
    });
    return { status: upstream.statusCode, upstream, text: await textOf(upstream) };
  }

  async #rewritten(exchange: Exchange, rules: { request(body: string): string; answer(body: string): string }): Promise<void> {
    const { incoming, request, response } = exchange;
    const said = rules.request(await textOf(incoming));
    if (said !== '') incoming.headers['content-length'] = String(Buffer.byteLength(said));
    const { status, upstream, text } = await this.#fetch(exchange, said);
    request.status = status;
    reply(response, upstream, rules.answer(text));
  }

  async #inStages(exchange: Exchange, stage: Stage): Promise<void> {
    const { incoming, response, request } = exchange;
    const hangUp = (): void => void response.socket?.resetAndDestroy();
    const body = await textOf(incoming);
    if (!(await stage.before(request, body))) {
      hangUp();
      return;
    }
    // The client may be gone by now: what it sent travels all the same.
    const { upstream, text: answer } = await this.#fetch(exchange, body);
    request.status = upstream.statusCode;
    if (!(await stage.after(request, answer))) {
      hangUp();
      return;
    }
    if (this.#isCutOff(response)) return;
    reply(response, upstream, answer, () => stage.answered(request));
  }

  #forward(exchange: Exchange, take?: (upstream: IncomingMessage) => void): void {
    const { incoming, response, request } = exchange;
    const send = this.#send(exchange, {
      take: take ?? ((from) => this.#answer({ response, request }, from)),
      // A server that can't be reached looks to the client as one that hangs up.
      lost: () => response.socket?.resetAndDestroy(),
    });
    response.on('close', () => send.destroy());
    incoming.pipe(send);
  }

  /** The request to the server, whose body the caller writes. */
  #send({ incoming, request }: Exchange, then: { take: (upstream: IncomingMessage) => void; lost: (error: Error) => void }): ClientRequest {
    const to = new URL(this.#target.server);
    const { token } = this.#target;
    const headers = token === undefined ? incoming.headers : { ...incoming.headers, authorization: `Bearer ${token}` };
    const options = {
      host: to.hostname,
      port: to.port,
      method: request.method,
      path: request.url.pathname + request.url.search,
      headers,
    };
    const send = to.protocol === 'https:' ? tlsRequest({ ...options, agent: this.#agent }) : plainRequest(options);
    send.on('response', then.take);
    send.on('error', then.lost);
    return send;
  }

  #answer({ response, request }: Pick<Exchange, 'response' | 'request'>, upstream: IncomingMessage): void {
    request.status = upstream.statusCode;
    response.writeHead(upstream.statusCode ?? 502, upstream.headers);
    response.flushHeaders();
    upstream.on('error', () => response.socket?.resetAndDestroy());
    if (!request.isWatch || upstream.statusCode !== 200) {
      upstream.pipe(response);
      return;
    }
    this.#watch({ response, request }, upstream);
  }

  #watch({ response, request }: Pick<Exchange, 'response' | 'request'>, upstream: IncomingMessage): void {
    const watch: OpenWatch = { response, upstream, silent: false };
    this.#watches.add(watch);
    response.on('close', () => this.#watches.delete(watch));
    const gate = new WatchGate({
      plural: request.url.pathname.split('/').at(-1) ?? '',
      rule: () => this.#rule,
      write: (text) => {
        if (!watch.silent && !response.writableEnded) response.write(text);
      },
      cut: (how) => cut(watch, how),
      note: (line) => {
        this.lines.push(line);
        if (this.lines.length > LINES_KEPT) this.lines.shift();
      },
    });
    upstream.setEncoding('utf8');
    upstream.on('data', (text: string) => gate.take(text));
    upstream.on('end', async () => {
      await gate.drained();
      if (!watch.silent) response.end();
    });
  }
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly request: ProxiedRequest;
}

function reply(response: ServerResponse, { statusCode = 502, headers }: IncomingMessage, text: string, done?: () => void): void {
  const { 'transfer-encoding': _chunked, ...kept } = headers;
  response.writeHead(statusCode, { ...kept, 'content-length': Buffer.byteLength(text) });
  response.end(text, done);
}

function cut({ response, upstream }: OpenWatch, how: 'reset' | 'end'): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else response.end();
  upstream.destroy();
}

function agentFor(target: Target): Agent {
  return new Agent({ keepAlive: true, ...(target.ca === undefined ? { rejectUnauthorized: false } : { ca: target.ca }) });
}

function statusOf(code: number): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'a fault of the test', code };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
