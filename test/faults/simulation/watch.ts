/**
 * One life's watch: it fills the real store through the real feed, in the order of versions and late. A watch that stalled goes on where
 * it stood, or begins anew with a whole state, so that what lay between is never seen. A new process may begin with a list from the past.
 */
import type { ObjectStore } from '../../../src/controller/store.ts';
import type { BrazeWorkspace } from '../../../src/crds/braze-workspace.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import { type Cluster, keyText, type WatchEvent } from './cluster.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';

export interface WatchOptions {
  readonly scheduler: Scheduler;
  readonly cluster: Cluster;
  readonly random: Random;
  readonly actor: Actor;
  readonly notifications: ObjectStore<MatchNotification>;
  readonly workspaces: ObjectStore<BrazeWorkspace>;
}

export class Watch {
  readonly #options: WatchOptions;
  #seen = 0;
  #planned = false;
  #stalledUntilMs = 0;
  #relists = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** The first list; `past` events ago when it comes from a server that lags. */
  async begin(past: number): Promise<void> {
    const { cluster } = this.#options;
    await this.#list(Math.max(0, cluster.log.length - past));
    this.wake();
  }

  /** Something was committed. */
  wake(): void {
    const { scheduler, random, actor } = this.#options;
    if (this.#planned || actor.state === 'dead') return;
    this.#planned = true;
    const ms = Math.max(random.between(1, 40), this.#stalledUntilMs - scheduler.nowMs);
    scheduler.after(ms, () => this.#pump(), actor);
  }

  /** Nothing arrives for `ms`; then the rest, or a new list. */
  stall(ms: number, relists: boolean): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#options.scheduler.nowMs + ms);
    this.#relists = this.#relists || relists;
  }

  #pump(): void {
    const { scheduler, cluster } = this.#options;
    this.#planned = false;
    if (scheduler.nowMs < this.#stalledUntilMs) {
      this.wake();
      return;
    }
    if (this.#relists) {
      this.#relists = false;
      void this.#list(cluster.log.length);
      return;
    }
    for (const event of cluster.log.slice(this.#seen)) this.#take(event);
    this.#seen = cluster.log.length;
  }

  #take({ type, object }: WatchEvent): void {
    const { notifications, workspaces } = this.#options;
    const feed = object.kind === 'BrazeWorkspace' ? workspaces.feed() : notifications.feed();
    if (type === 'changed') feed.changed(object);
    else feed.deleted(object);
  }

  async #list(upTo: number): Promise<void> {
    const { cluster, notifications, workspaces } = this.#options;
    const state = new Map<string, WatchEvent['object']>();
    const events = cluster.log.slice(0, upTo);
    for (const { type, object } of events) {
      if (type === 'changed') state.set(`${object.kind} ${keyText(object.metadata)}`, object);
      else state.delete(`${object.kind} ${keyText(object.metadata)}`);
    }
    this.#seen = upTo;
    const version = String(events.at(-1)?.version ?? 1);
    const snapshots = [notifications.feed().snapshot(), workspaces.feed().snapshot()] as const;
    for (const object of state.values()) snapshots[object.kind === 'BrazeWorkspace' ? 1 : 0].object(object);
    await Promise.all(snapshots.map((snapshot) => snapshot.commit(version)));
  }
}
