/**
 * Where the API server is and how we prove who we are: kubeconfig, in-cluster service account, token files, exec plug-ins.
 *
 * `@kubernetes/client-node` reads the configuration and runs the plug-ins; nothing is sent through it. Tokens rotate while the
 * process lives (a service account's about hourly), so they are asked for again each `maxAgeMs`, and at once, from a configuration
 * read anew, when the server answered 401. Callers in flight at the same time share one reading.
 */

import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { type ClusterAccess, type KubeconfigSource, loadKubeconfig } from './credentials-kubeconfig.ts';

/** What a TLS connection to the API server is made with. */
export interface TlsSettings {
  readonly ca?: readonly (string | Buffer)[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** One reading: good for requests until it is refused or too old. */
export interface Credentials {
  /** Headers that prove who we are. Secret: never to be logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
  /** Changes when connections must be made anew (rotated client certificate or CA). */
  readonly tlsFingerprint: string;
}

export interface CredentialsOptions extends KubeconfigSource {
  /** PEM text of one more CA to trust. */
  readonly extraCa?: string;
  /** How long one reading is used; client-go's 60 s halved, since client-node adds a minute of its own for token files. */
  readonly maxAgeMs?: number;
  /** At most one forced reading in this time: a key that stays wrong must not run an exec plug-in per request. */
  readonly minRefreshMs?: number;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

export class CredentialSource {
  readonly #options: CredentialsOptions;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  #access: ClusterAccess;
  #current: { value: Credentials; readAt: number } | undefined;
  #reading: Promise<Credentials> | undefined;
  #forcing: Promise<Credentials> | undefined;
  #forcedAt = Number.NEGATIVE_INFINITY;

  /** Reads the configuration; throws `KubeconfigError` when there is none that can be used. */
  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#access = loadKubeconfig(options);
  }

  /** Origin and path prefix of the API server, such as `https://10.0.0.1:443`. */
  get server(): string {
    return this.#access.server;
  }
  get proxyUrl(): string | undefined {
    return this.#access.proxyUrl;
  }
  /** The context's namespace; in a cluster the pod's. */
  get namespace(): string | undefined {
    return this.#access.namespace;
  }

  /** The credentials to use now. Throws when a token file or plug-in can't be read and no earlier reading exists. */
  async get(): Promise<Credentials> {
    const maxAge = this.#options.maxAgeMs ?? 30_000;
    if (this.#current !== undefined && this.#clock.monotonicMs() - this.#current.readAt < maxAge) return this.#current.value;
    return this.#read();
  }

  /**
   * To be called after a 401 to `used`. True when other credentials are at hand now, so that asking again makes sense.
   */
  async refused(used: Credentials): Promise<boolean> {
    if (this.#current !== undefined && !sameProof(this.#current.value, used)) return true;
    const fresh = await this.#force();
    return fresh !== undefined && !sameProof(fresh, used);
  }

  /** One forced reading for all who were refused meanwhile; undefined when the last one was a moment ago. */
  async #force(): Promise<Credentials | undefined> {
    const now = this.#clock.monotonicMs();
    if (this.#forcing === undefined) {
      if (now - this.#forcedAt < (this.#options.minRefreshMs ?? 2_000)) return undefined;
      this.#forcedAt = now;
      this.#forcing = this.#reload().finally(() => {
        this.#forcing = undefined;
      });
    }
    return await this.#forcing;
  }

  /** From a configuration read anew: client-node's plug-ins keep what they had for up to a minute, or until it expires. */
  async #reload(): Promise<Credentials> {
    await this.#reading?.catch(() => undefined);
    this.#access = loadKubeconfig(this.#options);
    return await this.#read();
  }

  async #read(): Promise<Credentials> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<Credentials> {
    const readAt = this.#clock.monotonicMs();
    try {
      const value = toCredentials(await this.#access.authenticate(), this.#options.extraCa);
      this.#current = { value, readAt };
      return value;
    } catch (error) {
      // A token file that is being swapped, a plug-in that hiccups: the last proof may well still be good; a 401 would tell.
      if (this.#current === undefined) throw error;
      this.#current = { value: this.#current.value, readAt };
      return this.#current.value;
    }
  }
}

function sameProof(a: Credentials, b: Credentials): boolean {
  return a.headers['authorization'] === b.headers['authorization'] && a.tlsFingerprint === b.tlsFingerprint;
}

function toCredentials(options: RequestOptions, extraCa: string | undefined): Credentials {
  const tls = tlsSettings(options, extraCa);
  return { headers: proofHeaders(options), tls, tlsFingerprint: fingerprint(tls) };
}

function proofHeaders(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // Token files end with a newline, which no header may hold.
    if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
}

function tlsSettings(options: RequestOptions, extraCa: string | undefined): TlsSettings {
  const own = pem(options.ca);
  const ca = extraCa === undefined ? own : [...(own ?? rootCertificates), extraCa];
  const [cert] = pem(options.cert) ?? [];
  const [key] = pem(options.key) ?? [];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
  };
}

function pem(value: unknown): (string | Buffer)[] | undefined {
  const all = Array.isArray(value) ? value : [value];
  const usable = all.filter((one): one is string | Buffer => typeof one === 'string' || Buffer.isBuffer(one));
  return usable.length === 0 ? undefined : usable;
}

function fingerprint(tls: TlsSettings): string {
  const hash = createHash('sha256');
  for (const part of [...(tls.ca ?? []), tls.cert ?? '', tls.key ?? '', tls.servername ?? '', String(tls.rejectUnauthorized)])
    hash.update(part).update('\0');
  return hash.digest('hex');
}
