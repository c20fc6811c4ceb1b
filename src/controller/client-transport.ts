/**
 * The connections to the API server. Requests share one pool of keep-alive HTTP/1.1 connections (a TLS connection per request
 * costs 25 times the CPU, design §5a); each watch has a connection of its own, so that no number of watches can starve requests.
 *
 * Pools are replaced when the TLS material rotates, and after a time-out: the path to the server may be half-open then, and every
 * idle connection of the old pool as dead as the one that was used. What is in flight on an old pool ends by itself.
 */

import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Credentials, TlsSettings } from './credentials.ts';
import { KubeconfigError } from './credentials-kubeconfig.ts';

export interface TransportOptions {
  /** Origin of the API server. */
  readonly origin: string;
  readonly proxyUrl: string | undefined;
  /** Most connections for requests. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
}

interface Pools {
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
  readonly tlsFingerprint: string;
}

/** Idle connections are closed before load balancers (60 s and up) and the API server (90 s) do it under our feet. */
const KEEP_ALIVE_MS = 30_000;

export class Transport {
  readonly #options: TransportOptions;
  #pools: Pools | undefined;

  constructor(options: TransportOptions) {
    if (options.proxyUrl !== undefined && !/^https?:/.test(options.proxyUrl)) {
      throw new KubeconfigError(`proxy-url ${options.proxyUrl}: only http and https proxies can be used`);
    }
    this.#options = options;
  }

  /** The dispatcher to send with now. */
  dispatcher(kind: 'request' | 'watch', credentials: Credentials): Dispatcher {
    if (this.#pools !== undefined && this.#pools.tlsFingerprint !== credentials.tlsFingerprint) this.#retire();
    this.#pools ??= this.#open(credentials);
    return kind === 'request' ? this.#pools.requests : this.#pools.watches;
  }

  /** Gives up the connections that `suspect` belongs to, unless that was done already. */
  distrust(suspect: Dispatcher): void {
    if (this.#pools?.requests === suspect) this.#retire();
  }

  /** Ends everything in flight. */
  async destroy(): Promise<void> {
    const pools = this.#pools;
    this.#pools = undefined;
    await Promise.allSettled([pools?.requests.destroy(), pools?.watches.destroy()]);
  }

  #retire(): void {
    const pools = this.#pools;
    this.#pools = undefined;
    // `close` waits for what is in flight, and each of those has its own deadline or idle limit.
    for (const pool of [pools?.requests, pools?.watches]) pool?.close().catch(() => undefined);
  }

  #open(credentials: Credentials): Pools {
    return {
      requests: this.#pool(credentials.tls, this.#options.connections),
      watches: this.#pool(credentials.tls, null),
      tlsFingerprint: credentials.tlsFingerprint,
    };
  }

  #pool(tls: TlsSettings, connections: number | null): Dispatcher {
    const connect = { ...mutable(tls), keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS, timeout: this.#options.connectTimeoutMs };
    const shared = { connections, pipelining: 1, allowH2: false, keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0 };
    if (this.#options.proxyUrl === undefined) return new Pool(this.#options.origin, { ...shared, connect });
    return new ProxyAgent({ ...shared, uri: this.#options.proxyUrl, requestTls: connect });
  }
}

function mutable(tls: TlsSettings): Omit<TlsSettings, 'ca'> & { ca?: (string | Buffer)[] } {
  const { ca, ...rest } = tls;
  return ca === undefined ? rest : { ...rest, ca: [...ca] };
}
