/**
 * The translators in use, one for each namespace, server and key: feeds that name the same one share its budget, its queue and what it said
 * before. One that no feed uses any more is let go.
 */
import type { Clock } from '../base/clock.ts';
import type { Translates, TranslationAnswer } from './libre-translate.ts';
import { RemoteNames, type RemoteSettings } from './remote-names.ts';

export interface TranslatorsOptions {
  readonly clock: Clock;
  /** A client for a server; `base` as `allowedUrl` gives it. */
  readonly connect: (base: string) => Translates & { close(): void };
  readonly onCall?: (code: TranslationAnswer['kind'], seconds: number) => void;
}

export interface TranslatorUse extends RemoteSettings {
  /** Feeds of different namespaces share nothing. */
  readonly namespace: string;
  readonly base: string;
  /** Where the key comes from; its value may change. */
  readonly keyFrom: string;
  /** Names arrived for this feed. */
  readonly onNews: () => void;
}

interface Member {
  readonly id: string;
  readonly requestsPerMinute: number;
  readonly onNews: () => void;
}

interface Server {
  readonly names: RemoteNames;
  readonly close: () => void;
}

export class Translators {
  readonly #options: TranslatorsOptions;
  readonly #servers = new Map<string, Server>();
  readonly #members = new Map<string, Member>();

  constructor(options: TranslatorsOptions) {
    this.#options = options;
  }

  /** The translator of one feed from now on. Where feeds allow different numbers of calls, the least counts. */
  use(feed: string, wanted: TranslatorUse): RemoteNames {
    const { namespace, base, source, keyFrom, onNews } = wanted;
    const id = JSON.stringify([namespace, base, source, keyFrom]);
    if (this.#members.get(feed)?.id !== id) this.leave(feed);
    this.#members.set(feed, { id, requestsPerMinute: wanted.requestsPerMinute, onNews });
    const requestsPerMinute = Math.min(...this.#membersOf(id).map((member) => member.requestsPerMinute));
    const settings = { source, apiKey: wanted.apiKey, timeoutMs: wanted.timeoutMs, requestsPerMinute };
    const known = this.#servers.get(id);
    if (known === undefined) return this.#begin(id, base, settings);
    known.names.configure(settings);
    return known.names;
  }

  leave(feed: string): void {
    const id = this.#members.get(feed)?.id;
    this.#members.delete(feed);
    if (id === undefined || this.#membersOf(id).length > 0) return;
    this.#servers.get(id)?.close();
    this.#servers.delete(id);
  }

  /** Ends all calls; for an orderly stop. */
  close(): void {
    for (const { close } of this.#servers.values()) close();
    this.#servers.clear();
    this.#members.clear();
  }

  #begin(id: string, base: string, settings: RemoteSettings): RemoteNames {
    const { clock, connect, onCall } = this.#options;
    const service = connect(base);
    const onNews = (): void => {
      for (const member of this.#membersOf(id)) member.onNews();
    };
    const names = new RemoteNames(settings, { service, clock, onNews, ...(onCall === undefined ? {} : { onCall }) });
    const close = (): void => {
      names.close();
      service.close();
    };
    this.#servers.set(id, { names, close });
    return names;
  }

  #membersOf(id: string): readonly Member[] {
    return [...this.#members.values()].filter((member) => member.id === id);
  }
}
