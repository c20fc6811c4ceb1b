/**
 * Writing, reading and deleting the catalog item.
 *
 * Dies between announcement and PUT: the next process announces again. Two of us: only one announcement goes through. A PUT that
 * arrives late tells the item a token of ours that is announced; whether its schedule may still be believed gone is rule 2's matter.
 */
import { isBefore, plusMs } from '../../base/instants.ts';
import type { Outcome } from '../../base/outcomes.ts';
import { toCatalogItem } from '../../braze/fence-item.ts';
import type { Fence, FenceItem } from '../../braze/types.ts';
import { contentOf } from './content.ts';
import type { FenceStatus, FoundItem, ItemRead } from './facts.ts';
import { createClaim } from './observe.ts';
import { type Again, mayNotStart, type Pass, readClocks, settled, statusOf, writeOutcome, writeStatus } from './pass.ts';
import type { UsableWorkspace } from './ports.ts';
import { announce, confirmFence, forgetItem, retireSchedule } from './record.ts';
import type { Step } from './step.ts';
import { tell } from './tell.ts';

const FENCE_RETRY_MS = 2_000;
const READ_RETRY_MS = 250;
const READ_FAILED_MS = 2_000;
/** What others know may be so old before a create: half of what `create` takes for fresh, so that it is not asked for again at once. */
const MEMORY_MS = 30_000;

type WriteFence = Extract<Step, { kind: 'WriteFence' }>;

export async function writeFence(pass: Pass, step: WriteFence, workspace: UsableWorkspace, fence: Fence): Promise<Again> {
  const { facts } = pass;
  const stopped = mayNotStart(pass);
  if (stopped) return stopped;
  if (step.reserve) {
    const grant = workspace.budgets.reserve(createClaim(pass.object, facts.desired.sendAt));
    // Others took what was left since the decision: the next pass says so, and knows what else it must wake for.
    if (!grant.granted) return { requeueAt: pass.ports.clock.now() };
  }
  const announced = await announceFirst(pass, step);
  if (step.purpose === 'reassert') tell.rewritten(pass);
  return put(announced, fence);
}

/** Rule 1: status says what is about to be said, before it is said. */
async function announceFirst(pass: Pass, step: WriteFence): Promise<Pass> {
  if (step.announce === undefined) return pass;
  const retired = step.retire ? retireSchedule(statusOf(pass), step.retire.why) : statusOf(pass);
  const next = announce(retired, step.announce, readClocks(pass));
  const object = await writeStatus(pass, next, step.shown);
  pass.memory.ticket = next.fence === undefined ? undefined : { announcedAt: next.fence.announcedAt, put: undefined };
  if (step.retire) tell.retired(pass, step.retire.why);
  return { ...pass, object };
}

async function put(pass: Pass, fence: Fence): Promise<Again> {
  const { memory, ports } = pass;
  const status = statusOf(pass).fence;
  if (status === undefined || memory.ticket === undefined) return settled;
  const begun = ports.clock.now();
  memory.ticket = { ...memory.ticket, put: { at: begun, answer: 'failed' } };
  const outcome = await fence.put(itemFor(pass, status), urgency(pass));
  if (outcome.kind === 'done') {
    memory.ticket = { ...memory.ticket, put: { at: begun, answer: outcome.value } };
    memory.succeeded('fence');
    return { requeueAt: ports.clock.now() };
  }
  return { requeueAt: memory.failed('fence', ports.clock.now(), { firstMs: FENCE_RETRY_MS, ...failureOf(outcome) }) };
}

function itemFor(pass: Pass, fence: FenceStatus): FenceItem {
  const { object, facts } = pass;
  const { lastSent } = object.status ?? {};
  // The item has room for one announcement: what went out before it stays beside it, for who loses its status.
  const sent = lastSent?.disprovedAt === undefined ? lastSent : undefined;
  return {
    id: fence.item,
    token: fence.token,
    state: fence.state,
    owner: facts.desired.owner,
    sendAt: fence.state === 'sent' && sent !== undefined ? sent.sendAt : facts.desired.sendAt.toString(),
    sentAt: sent?.firesAt ?? '',
    announcedSendAt: fence.sendAt ?? '',
    content: contentOf(object.spec),
  };
}

export async function readItem(pass: Pass, step: Extract<Step, { kind: 'ReadItem' }>, fence: Fence): Promise<Again> {
  const { memory, ports } = pass;
  const stopped = mayNotStart(pass);
  if (stopped) return stopped;
  const after = readAfter(pass, step.purpose);
  const begun = after === undefined ? ports.clock.now() : plusMs(after, 1);
  const outcome = await fence.read(step.item, urgency(pass), after);
  if (outcome.kind !== 'done') {
    return { requeueAt: memory.failed('read', ports.clock.now(), { firstMs: READ_FAILED_MS, ...failureOf(outcome) }) };
  }
  memory.itemRead = { item: step.item, at: begun, found: foundItem(pass, outcome.value) };
  memory.readInPass = true;
  if (step.purpose === 'check') noteForeign(pass, memory.itemRead);
  tellDoubt(pass, memory.itemRead);
  const status = statusOf(pass).fence;
  const shows = status !== undefined && status.item === step.item && !status.confirmed && fits(memory.itemRead, status, pass);
  if (step.purpose === 'confirm' && !shows) return { requeueAt: memory.failed('read', ports.clock.now(), { firstMs: READ_RETRY_MS }) };
  memory.succeeded('read');
  if (step.purpose === 'confirm') return confirm(pass);
  return echoRequest(pass, step);
}

/** From when on a read of anybody is good enough: what was read after our write confirms it. Undefined: it is asked for now. */
function readAfter({ memory, ports }: Pass, purpose: Extract<Step, { kind: 'ReadItem' }>['purpose']): Temporal.Instant | undefined {
  if (purpose === 'confirm') return memory.ticket?.put?.at;
  return purpose === 'memory' ? plusMs(ports.clock.now(), -MEMORY_MS) : undefined;
}

async function confirm(pass: Pass): Promise<Again> {
  const stored = pass.memory.ticket?.put?.answer === 'stored';
  const confirmed = confirmFence(statusOf(pass), stored ? 'stored' : 'accepted', readClocks(pass));
  // Read too late, a closed item proves nothing: the occasion is locked, and its send will count as made.
  if (confirmed === undefined) return { requeueAt: pass.memory.failed('read', pass.ports.clock.now(), { firstMs: FENCE_RETRY_MS }) };
  // A closed item lets a delete prove what it could not prove before.
  pass.memory.succeeded('sweep');
  await writeOutcome(pass, confirmed);
  tell.confirmed(pass);
  return settled;
}

/** A read that somebody asked for by annotation is answered in status. */
async function echoRequest(pass: Pass, step: Extract<Step, { kind: 'ReadItem' }>): Promise<Again> {
  if (step.purpose === 'check' && step.why === 'requested') await writeOutcome(pass, statusOf(pass));
  return { requeueAt: pass.ports.clock.now() };
}

export async function deleteItem(pass: Pass, step: Extract<Step, { kind: 'DeleteItem' }>, fence: Fence): Promise<Again> {
  const { memory, ports } = pass;
  const stopped = mayNotStart(pass);
  if (stopped) return stopped;
  const outcome = await fence.delete([step.item]);
  if (outcome.kind !== 'done')
    return { requeueAt: memory.failed('fence', ports.clock.now(), { firstMs: FENCE_RETRY_MS, ...failureOf(outcome) }) };
  await writeOutcome(pass, forgetItem(statusOf(pass)));
  return settled;
}

function foundItem(pass: Pass, item: FenceItem | undefined): FoundItem | undefined {
  if (item === undefined) return undefined;
  return {
    token: item.token,
    state: item.state,
    owner: item.owner,
    sendAt: instantOf(item.state === 'sent' && item.sentAt !== '' ? item.sentAt : item.sendAt),
    announcedSendAt: instantOf(item.announcedSendAt),
    sentAt: instantOf(item.sentAt),
    ...comparedContent(pass, item),
  };
}

/** What is not written, for want of a field or of room, is not missed; nor is an empty text that Braze does not show. */
function comparedContent(pass: Pass, found: FenceItem): Pick<FoundItem, 'content'> {
  const { fence } = statusOf(pass);
  if (fence === undefined) return {};
  const fields = pass.workspace.kind === 'usable' ? pass.workspace.contentFields : undefined;
  const wanted = itemFor(pass, fence);
  const written = toCatalogItem(wanted, fields ?? new Set(Object.keys(found.content)));
  const differs = Object.keys(wanted.content).filter((field) => field in written && written[field] !== (found.content[field] ?? ''));
  return { content: { hash: pass.facts.desired.contentHash, differs } };
}

/** The catalog is open to other hands: a text that is no instant is none. */
function instantOf(text: string): Temporal.Instant | undefined {
  try {
    return text === '' ? undefined : Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether a read-back shows what was announced. An item that another owner holds open admits nothing of ours, which is all that a close
 * is for: writing it again would take that one's send away.
 */
function fits(read: ItemRead, fence: FenceStatus, pass: Pass): boolean {
  const { owner } = pass.facts.desired;
  if (says(read, fence, owner)) return true;
  const { found } = read;
  return fence.token === '' && found !== undefined && found.token !== '' && found.owner !== owner && !knownTokens(pass).has(found.token);
}

function says(read: ItemRead, fence: FenceStatus, owner: string): boolean {
  return read.found !== undefined && read.found.token === fence.token && read.found.state === fence.state && read.found.owner === owner;
}

/**
 * Counts writes over a confirmed item of ours by somebody else, until a later look finds ours. Our own read-back right after a re-assert
 * always finds ours: it says nothing of whether the other one comes back.
 */
function noteForeign(pass: Pass, read: ItemRead): void {
  const fence = statusOf(pass).fence;
  const owner = pass.facts.desired.owner;
  if (fence?.confirmedAt === undefined || !fence.confirmed || fence.item !== read.item || read.found === undefined) return;
  const later = isBefore(Temporal.Instant.from(fence.confirmedAt), read.at);
  if (later && read.found.token !== '' && read.found.token !== fence.token && !knownTokens(pass).has(read.found.token))
    pass.memory.foreignWrites += 1;
  else if (says(read, fence, owner)) pass.memory.foreignWrites = 0;
}

/** The look after the send: what was confirmed open before it must still be there. */
function tellDoubt(pass: Pass, read: ItemRead): void {
  const { fence, lastSent, schedule } = statusOf(pass);
  const afterSend = schedule === undefined && lastSent?.reason === 'Sent' && fence?.sendAt === lastSent.firesAt && fence.state === 'open';
  if (afterSend && fence.item === read.item && read.found?.token !== fence.token) tell.doubtful(pass);
}

function knownTokens(pass: Pass): Set<string | undefined> {
  const status = statusOf(pass);
  return new Set([status.schedule?.token, ...(status.obsolete ?? []).map((entry) => entry.token), ...(status.occasion?.announced ?? [])]);
}

/** The nearest send that this write is about. */
function urgency(pass: Pass): { key: string; firesAt: Temporal.Instant } {
  const status = statusOf(pass);
  const times = [status.schedule?.firesAt, ...(status.obsolete ?? []).map((entry) => entry.firesAt)]
    .filter((at) => at !== undefined)
    .sort();
  const firesAt = times[0] === undefined ? pass.facts.desired.sendAt : Temporal.Instant.from(times[0]);
  return { key: pass.object.metadata.uid, firesAt };
}

export function failureOf(outcome: Exclude<Outcome<unknown>, { kind: 'done' }>): {
  message: string;
  retryAt?: Temporal.Instant | undefined;
} {
  return outcome.kind === 'refused' ? { message: outcome.refusal.message, retryAt: outcome.refusal.retryAt } : { message: outcome.message };
}
