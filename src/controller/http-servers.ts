/** Small plain HTTP servers of the process: an address as people write it, a table of paths, a clean end. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface HttpServerOptions {
  /** The flag that the address comes from, for the message when it can't be used. */
  readonly flag: string;
  /** `:9090`, `127.0.0.1:0` or `[::1]:9090`; port 0 takes a free one. */
  readonly address: string;
  /** Answers of GET and HEAD by path. A route that throws answers 500 without a word of why. */
  readonly routes: Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>;
  /** Told what a route threw. */
  readonly onError: (path: string, error: unknown) => void;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #server: Server;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    // Scrapers and probes are quick; a slow reader must not hold a socket open.
    this.#server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Listens. Throws an error that names the flag and the address when that can't be done. */
  async start(): Promise<void> {
    const { flag, address } = this.#options;
    const listening = Promise.withResolvers<void>();
    this.#server.once('error', (error: NodeJS.ErrnoException) => {
      listening.reject(
        new Error(`${flag} ${address}: can't listen there (${error.code ?? error.name}); choose another address`, { cause: error }),
      );
    });
    this.#server.listen(parseAddress(address, flag), () => listening.resolve());
    await listening.promise;
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error(`the server of ${this.#options.flag} does not listen`);
    return address.port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    this.#server.closeAllConnections();
    await closed.promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, contentType, body } = await this.#answer(request);
    response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  async #answer(request: IncomingMessage): Promise<HttpAnswer> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const route = Object.hasOwn(this.#options.routes, path) ? this.#options.routes[path] : undefined;
    if (route === undefined) return text(404, `not here; there is ${Object.keys(this.#options.routes).join(', ')}`);
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD');
    try {
      return await route();
    } catch (error) {
      this.#options.onError(path, error);
      return text(500, 'failed; the log says why');
    }
  }
}

export const text = (status: number, line: string): HttpAnswer => ({ status, contentType: 'text/plain; charset=utf-8', body: `${line}\n` });

/** Host and port of `address`; no host means all. Throws a `RangeError` that names the flag. */
export function parseAddress(address: string, flag: string): { port: number; host?: string } {
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(address) ?? [];
  if (host === undefined || Number(port) > 65_535) {
    throw new RangeError(`${flag} must be an address such as :9090 or 127.0.0.1:9090, not "${address}"`);
  }
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare === '' ? { port: Number(port) } : { port: Number(port), host: bare };
}
