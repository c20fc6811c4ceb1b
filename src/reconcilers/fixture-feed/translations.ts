/**
 * Where the names of each feed come from: its table first, then its translator (design §6, docs/translation.md). What may take long is
 * never waited for; what can't be read leaves every name as it is shown.
 *
 * In memory of one process: the objects hold the names, so a new one only asks again.
 */
import type { ObjectKey } from '../../controller/types.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import { REQUESTED_AT } from '../../crds/words.ts';
import { firstOf, type NameSource } from '../../translation/names.ts';
import { indexKey } from './identity.ts';
import { FeedTable, type NameProblem } from './name-table.ts';
import { AS_SHOWN } from './team-names.ts';
import { FeedTranslator, type TranslatorPorts } from './translator.ts';

export interface FeedNames {
  readonly source: NameSource;
  readonly problem: NameProblem | undefined;
}

interface OneFeed {
  readonly table: FeedTable;
  readonly translator: FeedTranslator;
  /** Names came since the feed last looked. */
  arrived: boolean;
  requestedAt: string | undefined;
}

export interface NamesPass {
  readonly key: ObjectKey;
  readonly feed: FixtureFeed;
  readonly now: Temporal.Instant;
  readonly signal: AbortSignal;
}

export class Translations {
  readonly #ports: TranslatorPorts;
  /** A pass for this feed now: names arrived. */
  readonly #wake: (feed: ObjectKey) => void;
  readonly #feeds = new Map<string, OneFeed>();

  constructor(ports: TranslatorPorts & { readonly wake: (feed: ObjectKey) => void }) {
    this.#ports = ports;
    this.#wake = ports.wake;
  }

  /** What a pass uses for names; undefined when the feed asks for none. Never throws. */
  async of({ key, feed, now, signal }: NamesPass): Promise<FeedNames | undefined> {
    const id = indexKey(feed);
    const { translation } = feed.spec;
    if (translation === undefined) {
      this.forget(id);
      return undefined;
    }
    const one = this.#one(id, feed);
    const requestedAt = feed.metadata.annotations?.[REQUESTED_AT];
    const forced = requestedAt !== one.requestedAt;
    one.requestedAt = requestedAt;
    const { configMapRef, provider } = translation;
    const sources: NameSource[] = [];
    const problems: (NameProblem | undefined)[] = [];
    if (configMapRef !== undefined) {
      const tableKey = { namespace: feed.metadata.namespace, name: configMapRef.name };
      await one.table.read({ kube: this.#ports.kube, key: tableKey, now, signal, forced });
      sources.push(one.table.source);
      problems.push(one.table.problem);
    }
    if (provider === undefined) this.#ports.translators.leave(id);
    else {
      const onNews = (): void => this.#arrived(one, key);
      await one.translator.prepare({ id, namespace: key.namespace, provider, now, signal, forced, onNews }, this.#ports);
      // Out of use is not out of words: what it said before stays where it is shown.
      sources.push(one.translator.source ?? AS_SHOWN);
      problems.push(one.translator.problem);
    }
    return { source: firstOf(sources), problem: problems.find((problem) => problem !== undefined) };
  }

  /** Whether names came since this was last asked. */
  takeArrived(feed: FixtureFeed): boolean {
    const one = this.#feeds.get(indexKey(feed));
    const arrived = one?.arrived ?? false;
    if (one !== undefined) one.arrived = false;
    return arrived;
  }

  /** `id` as `indexKey` spells it. */
  forget(id: string): void {
    if (this.#feeds.delete(id)) this.#ports.translators.leave(id);
  }

  #one(id: string, feed: FixtureFeed): OneFeed {
    const kept = this.#feeds.get(id);
    if (kept !== undefined) return kept;
    const requestedAt = feed.metadata.annotations?.[REQUESTED_AT];
    const one: OneFeed = { table: new FeedTable(), translator: new FeedTranslator(), arrived: false, requestedAt };
    this.#feeds.set(id, one);
    return one;
  }

  #arrived(one: OneFeed, key: ObjectKey): void {
    one.arrived = true;
    this.#wake(key);
  }
}
