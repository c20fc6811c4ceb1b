/**
 * One operator between two of its effects: what it may do next from what it has in mind. Each status write succeeds only when the
 * object still is what the operator has in its cache, as the API server's versions have it.
 *
 * An object that is the same again counts as the same version: that allows more than the real thing, and keeps the search finite.
 */
import { instant } from '../../../src/base/instants.ts';
import type { MatchNotification } from '../../../src/crds/match-notification.ts';
import { desiredOf } from '../../../src/reconcilers/match-notification/content.ts';
import { wantedSince } from '../../../src/reconcilers/match-notification/create.ts';
import { decide } from '../../../src/reconcilers/match-notification/decide.ts';
import type { Desired, Facts } from '../../../src/reconcilers/match-notification/facts.ts';
import {
  announce,
  confirmFence,
  dropOperation,
  intendCreate,
  lock,
  type Reading,
  recordCreated,
  recordSent,
  recordSwept,
  retireSchedule,
  sweepProves,
  takeOverItem,
} from '../../../src/reconcilers/match-notification/record.ts';
import type { Step } from '../../../src/reconcilers/match-notification/step.ts';
import { View } from '../../../src/reconcilers/match-notification/view.ts';
import { notification } from '../objects.ts';
import { factsOf } from '../situations.ts';
import { abstract, NAMED } from './abstraction.ts';
import type { Interner } from './interner.ts';
import type { Scene } from './scene.ts';
import type { Call, Doing, Item, Items, Mind, Status, Thing } from './things.ts';

/** What becomes of the operator, of the object, and what leaves for Braze. */
export interface Move {
  readonly label: string;
  readonly mind: Mind;
  readonly thing?: number;
  readonly call?: Call;
  /** Whatever it waited for finds nobody any more. */
  readonly forgets?: true;
}

type NotBefore = Facts['notBefore'];
/** Any kind of call may have failed lately, so that the decision takes what comes next. */
const BACK_OFFS: readonly (readonly (keyof NotBefore)[])[] = [[], ['sweep'], ['fence', 'read']];

export const IDLE: Doing = { kind: 'idle' };
/** By owner: each has its own object, and all write the same catalog. */
const OWNERS = ['cluster-a', 'cluster-b'] as const;

export interface Situation {
  readonly who: number;
  readonly mind: Mind;
  /** The object as the API server has it. */
  readonly thing: number;
  readonly items: Items;
  /** By the clock of this operator. */
  readonly now: Temporal.Instant;
}

export class OperatorModel {
  readonly #scene: Scene;
  readonly #things: Interner<Thing | null>;

  constructor(scene: Scene, things: Interner<Thing | null>) {
    this.#scene = scene;
    this.#things = things;
  }

  objectOf(thing: Thing): MatchNotification {
    return notification({
      spec: this.#wishOf(thing).spec,
      status: thing.status,
      metadata: {
        uid: `uid${thing.uid}-0000-4000-8000-000000000000`,
        ...(thing.deleting ? { deletionTimestamp: '2026-12-06T11:00:00Z' } : {}),
      },
    });
  }

  #wishOf(thing: Thing): Scene['wishes'][number] {
    const wish = this.#scene.wishes[thing.wish];
    if (wish === undefined) throw new RangeError(`no wish ${thing.wish}`);
    return wish;
  }

  #factsOf(thing: Thing, mind: Mind, now: Temporal.Instant, notBefore: NotBefore): Facts {
    const { ticket, read } = mind;
    const object = this.objectOf(thing);
    const desired = this.#desired(thing);
    const { settings } = factsOf(object);
    return factsOf(object, {
      desired,
      settings: { ...settings, suspended: this.#wishOf(thing).killSwitch === true },
      operationIsOver: true,
      notBefore,
      ticket: ticket && {
        announcedAt: ticket.announcedAt,
        put: ticket.put && { at: instant(ticket.put.at), answer: ticket.put.answer },
      },
      itemRead: read ? readFact(read) : this.#asExpected(object.status, desired, now),
    });
  }

  /** Where read-backs are not searched, an armed item is always seen as it should be. */
  #asExpected(status: Status | undefined, desired: Desired, now: Temporal.Instant): Facts['itemRead'] {
    const fence = status?.fence;
    if (this.#scene.checks || fence === undefined) return undefined;
    const told = fence.sendAt === undefined ? undefined : instant(fence.sendAt);
    return { item: fence.item, at: now, found: { ...fence, owner: desired.owner, sendAt: told, announcedSendAt: told } };
  }

  step(thing: Thing, mind: Mind, now: Temporal.Instant, notBefore: NotBefore = {}): Step {
    return decide(this.objectOf(thing), this.#factsOf(thing, mind, now, notBefore), now);
  }

  /** Everything that this operator may do next by itself. */
  moves(at: Situation): readonly Move[] {
    const { mind } = at;
    switch (mind.doing.kind) {
      case 'idle':
        return this.#fromIdle(at);
      case 'must-put':
        return [...this.#put(at), this.#forgets(at)];
      case 'waits':
        return [this.#forgets(at)];
      case 'created':
        return [...this.#recordCreated(at, mind.doing), this.#forgets(at)];
      case 'deleted':
        return [...this.#recordDeleted(at, mind.doing.id), this.#forgets(at)];
      case 'read-back':
        return [...this.#recordReadBack(at), this.#forgets(at)];
    }
  }

  /** What is kept in memory is of one object: another of the same name starts anew. */
  #seeing({ mind, thing }: Situation): Mind {
    const same = this.#things.get(mind.cache)?.uid === this.#things.get(thing)?.uid;
    return { ...(same ? mind : {}), cache: thing, doing: IDLE };
  }

  #forgets({ mind }: Situation): Move {
    return { label: 'forgets', mind: { cache: mind.cache, doing: IDLE }, forgets: true };
  }

  #fromIdle(at: Situation): readonly Move[] {
    const { mind } = at;
    const seen = this.#things.get(mind.cache);
    const moves: Move[] = [];
    if (mind.cache !== at.thing) moves.push({ label: 'sees the object', mind: this.#seeing(at) });
    if (mind.ticket) moves.push(this.#forgets(at));
    if (seen === null) return moves;
    const found = new Map<string, Move>();
    for (const kinds of BACK_OFFS) {
      const notBefore = Object.fromEntries(kinds.map((kind) => [kind, at.now.add({ seconds: 1 })]));
      for (const move of this.perform(at, seen, this.step(seen, mind, at.now, notBefore))) found.set(JSON.stringify(move), move);
    }
    return [...moves, ...found.values()];
  }

  /** What it does about one decision; more than one move where the world may answer in more than one way. */
  perform(at: Situation, seen: Thing, step: Step): readonly Move[] {
    const { mind } = at;
    const { status } = seen;
    const reading = this.#reading(at.now);
    const write = (next: Status): readonly Move[] => this.#write(at, { label: step.kind, status: next });
    switch (step.kind) {
      case 'Rest':
        return this.#scene.late && this.#wanted(seen, status, at.now) !== status ? write(status) : [];
      case 'RecordSent':
        return write(recordSent(status, step, reading));
      case 'Lock':
        return write(lock(status));
      case 'DropOperation':
        return status.operation ? write(dropOperation(status, status.operation, reading)) : [];
      case 'TakeOverItem': {
        const desired = this.#desired(seen);
        const found = { item: desired.item, token: step.token, announcedSendAt: step.announcedSendAt, contentHash: desired.contentHash };
        return write(takeOverItem(status, found, reading));
      }
      case 'RemoveFinalizer':
        return mind.cache === at.thing ? [{ label: step.kind, mind: { ...mind, cache: this.#gone }, thing: this.#gone }] : [];
      case 'ReadItem':
        return [this.#read(at, step)];
      case 'WriteFence':
        return this.#writeFence(at, seen, step);
      case 'Sweep':
        return this.#leaves(mind, `sweeps ${step.target.id}`, { kind: 'delete', id: Number(step.target.id.slice(1)), who: at.who });
      case 'Create':
        return this.#create(at, seen, step.firesAt);
      case 'AddFinalizer':
      case 'DeleteItem':
      // Of unfenced workspaces, or of what people say in annotations.
      case 'Update':
      case 'Retire':
      case 'ResolveOperation':
      case 'Adopt':
      case 'Reopen':
        return [];
    }
  }

  get #gone(): number {
    return this.#things.id(null);
  }

  #desired(thing: Thing): Desired {
    return desiredOf(this.objectOf(thing), OWNERS[thing.owner] ?? OWNERS[0]);
  }

  #reading(now: Temporal.Instant): Reading {
    return { now, brazeNow: now, settings: factsOf(notification()).settings };
  }

  #leaves(mind: Mind, label: string, call: Call): readonly Move[] {
    const doing: Doing = { kind: 'waits', call: call.kind, id: call.kind === 'delete' ? `s${call.id}` : '' };
    return [{ label, mind: { ...mind, doing }, call }];
  }

  #create(at: Situation, seen: Thing, firesAt: Temporal.Instant): readonly Move[] {
    const attempt = (seen.status.attempt ?? 0) + 1;
    if (attempt > this.#scene.attempts) return [];
    const token = `${seen.uid}.${attempt}`;
    const intent = { id: `op-${token}`, token, firesAt, desired: this.#desired(seen), holder: 'somebody' };
    const intended = intendCreate(seen.status, intent, this.#reading(at.now));
    const doing: Doing = { kind: 'waits', call: 'create', id: intent.id };
    const call: Call = { kind: 'create', token, item: intent.desired.item, firesAt: intended.operation.firesAt, who: at.who };
    return this.#write(at, { label: `intends ${token}`, status: intended, doing, call });
  }

  #writeFence(at: Situation, seen: Thing, step: Extract<Step, { kind: 'WriteFence' }>): readonly Move[] {
    if (step.announce === undefined) return this.#put(at);
    const retired = step.retire ? retireSchedule(seen.status, step.retire.why) : seen.status;
    const next = announce(retired, step.announce, this.#reading(at.now));
    return this.#write(at, {
      label: `announces "${step.announce.token}" (${step.purpose}${step.retire ? `, ${step.retire.why}` : ''})`,
      status: next,
      doing: { kind: 'must-put' },
      ticket: true,
    });
  }

  /** The PUT leaves: what the cached status announces. */
  #put(at: Situation): readonly Move[] {
    const { mind } = at;
    const seen = this.#things.get(mind.cache);
    const fence = seen?.status.fence;
    if (seen === null || fence === undefined || mind.ticket === undefined) return [];
    const { owner } = this.#desired(seen);
    const item: Item = {
      token: fence.token,
      state: fence.state,
      told: fence.sendAt ?? '',
      sent: seen.status.lastSent?.firesAt ?? '',
      owner,
    };
    const ticket = { announcedAt: mind.ticket.announcedAt, put: { at: at.now.toString(), answer: 'failed' as const } };
    const leaves = { ...mind, ticket };
    const waits: Move = {
      label: `PUTs "${item.token}"`,
      mind: { ...leaves, doing: { kind: 'waits', call: 'put', id: '' } },
      call: { kind: 'put', id: fence.item, item, who: at.who },
    };
    if (!this.#scene.asyncPuts) return [waits];
    const accepted = { ...leaves, doing: IDLE, ticket: { ...ticket, put: { ...ticket.put, answer: 'accepted' as const } } };
    return [waits, { label: `PUTs "${item.token}" asynchronously`, mind: accepted, call: { kind: 'put', id: fence.item, item, who: -1 } }];
  }

  #read(at: Situation, step: Extract<Step, { kind: 'ReadItem' }>): Move {
    const { mind } = at;
    const item = at.items[step.item] ?? null;
    const seen = this.#things.get(mind.cache);
    const fence = seen?.status.fence;
    const says = item !== null && item.token === fence?.token && item.state === fence.state;
    const shows =
      says && fence?.confirmed === false && fence.item === step.item && seen !== null && item.owner === this.#desired(seen).owner;
    const { read: _before, ...rest } = mind;
    const kept = this.#scene.checks || step.purpose === 'memory';
    // A moment after whatever else happened at this time.
    const read = { at: at.now.add({ milliseconds: 1 }).toString(), item: step.item, found: item };
    const doing: Doing = step.purpose === 'confirm' && shows ? { kind: 'read-back' } : IDLE;
    return { label: `reads "${item?.token ?? 'nothing'}" (${step.purpose})`, mind: { ...rest, doing, ...(kept ? { read } : {}) } };
  }

  #recordReadBack(at: Situation): readonly Move[] {
    const status = this.#things.get(at.mind.cache)?.status;
    const stored = at.mind.ticket?.put?.answer === 'stored';
    const next = status && confirmFence(status, stored ? 'stored' : 'accepted', this.#reading(at.now));
    if (next === undefined) return [{ label: 'read it too late', mind: { ...at.mind, doing: IDLE } }];
    return this.#write(at, { label: `confirms "${status?.fence?.token ?? ''}"`, status: next });
  }

  #recordDeleted(at: Situation, id: string): readonly Move[] {
    const idle = { ...at.mind, doing: IDLE };
    const status = this.#things.get(at.mind.cache)?.status;
    const target = status?.obsolete?.find((entry) => entry.id === id);
    if (status === undefined || target === undefined) return [{ label: 'not ours', mind: idle }];
    const reading = this.#reading(at.now);
    if (!sweepProves(status, target, reading)) return [{ label: `deleting ${id} proves nothing`, mind: idle }];
    return this.#write(at, { label: `records ${id} as gone`, status: recordSwept(status, target, reading) });
  }

  /** On a conflict the operation's id decides: ours still, recorded already, or fenced out. */
  #recordCreated(at: Situation, answer: Extract<Doing, { kind: 'created' }>): readonly Move[] {
    const { operationId, scheduleId } = answer;
    const current = this.#things.get(at.thing);
    const operation = current?.status.operation;
    const idle = this.#seeing(at);
    if (current !== null && operation?.id === operationId) {
      const made = { operation, scheduleId, dispatchId: undefined };
      const next = recordCreated(current.status, made, this.#desired(current), this.#reading(at.now));
      const onFresh = { ...at, mind: { ...at.mind, cache: at.thing } };
      return this.#write(onFresh, { label: `records ${scheduleId}`, status: next, ticket: next.schedule !== undefined });
    }
    const known = [current?.status.schedule, ...(current?.status.obsolete ?? [])].some((entry) => entry?.id === scheduleId);
    if (known) return [{ label: `${scheduleId} is recorded already`, mind: idle }];
    return [{ label: `compensates ${scheduleId}`, mind: idle, call: { kind: 'delete', id: Number(scheduleId.slice(1)), who: -1 } }];
  }

  /** A write under the version of the cache; what comes back is in the cache at once. */
  #write(at: Situation, what: { label: string; status: Status; doing?: Doing; call?: Call; ticket?: boolean }): readonly Move[] {
    const { mind, thing } = at;
    const current = this.#things.get(mind.cache);
    if (mind.cache !== thing || current === null)
      return mind.doing.kind === 'idle' ? [] : [{ label: `409 on ${what.label}`, mind: { ...mind, doing: IDLE } }];
    const announcement = this.#nameFor(at, current.status);
    const wanted = this.#scene.late ? this.#wanted(current, what.status, at.now) : what.status;
    const status = abstract(wanted, { announcement, keepConfirmedAt: this.#scene.checks, keepWanted: this.#scene.late });
    const next = this.#things.id({ ...current, status });
    const { ticket: old, ...rest } = mind;
    const ticket = what.ticket && status.fence ? { announcedAt: status.fence.announcedAt } : old;
    const written: Mind = { ...rest, cache: next, doing: what.doing ?? IDLE, ...(ticket ? { ticket } : {}) };
    const move: Move = { label: what.label, mind: written, thing: next, ...(what.call ? { call: what.call } : {}) };
    if (!this.#scene.lostWrites) return [move];
    return [move, { label: `${what.label}, and never hears of it`, mind: { ...mind, doing: IDLE }, thing: next }];
  }

  #wanted(thing: Thing, status: Status, now: Temporal.Instant): Status {
    const object = this.objectOf({ ...thing, status });
    const view = new View(object, factsOf(object), now);
    const wanted = { sendAt: view.facts.desired.sendAt.toString(), since: wantedSince(view).toString() };
    return status.wanted?.sendAt === wanted.sendAt && status.wanted.since === wanted.since ? status : { ...status, wanted };
  }

  /** A stamp for an announcement made now, unlike any that this operator could take for it, and so old that nobody waits for its maker. */
  #nameFor({ who, mind }: Situation, status: Status): string {
    const taken = new Set([mind.ticket?.announcedAt, status.fence?.announcedAt]);
    const stamps = [0, 1, 2].map((n) => `${NAMED}0${n}.${who}Z`);
    return stamps.find((name) => !taken.has(name)) ?? `${NAMED}59Z`;
  }
}

function readFact({ at, item, found }: NonNullable<Mind['read']>): Facts['itemRead'] {
  const instantOf = (text: string): Temporal.Instant | undefined => (text === '' ? undefined : instant(text));
  if (found === null) return { item, at: instant(at), found: undefined };
  const told = instantOf(found.told);
  const sentAt = instantOf(found.sent);
  return {
    item,
    at: instant(at),
    found: { ...found, sendAt: found.state === 'sent' ? (sentAt ?? told) : told, announcedSendAt: told, sentAt },
  };
}
