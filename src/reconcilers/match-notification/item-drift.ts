/**
 * Whether the catalog item of an armed send says something else than what was confirmed of it: somebody deleted or edited it in Braze, or an
 * older write landed last (contracts 1.12). Pure. Outside the margin the item is written again, so that the condition is short-lived; event
 * and count stay. Inside it nothing is written (design §4: another may hold it by then), and what is said is what fans will get.
 *
 * What was said of it stands until a later read or a confirmation says otherwise: a restart takes no warning back.
 */
import { instant, isBefore, toClock } from '../../base/instants.ts';
import type { DRIFT_REASONS } from '../../crds/words.ts';
import type { FenceStatus, FoundItem, ItemRead } from './facts.ts';
import type { Shown } from './step.ts';
import type { View } from './view.ts';

type ItemReason = Extract<keyof typeof DRIFT_REASONS, 'ItemMissing' | 'ItemChanged'>;
/** As the item stands: nobody is told · who holds the other token tells them · ours goes out, with what stands there. */
type Effect = 'silent' | 'taken' | 'told';

export interface ItemDrift {
  readonly drifted: { readonly reason: ItemReason; readonly message: string };
  readonly effect: Effect;
}

const REASONS: readonly ItemReason[] = ['ItemMissing', 'ItemChanged'];

/** What is to be said of the item of the armed send. */
export function itemDrift(view: View): ItemDrift | undefined {
  const fence = openFence(view);
  if (fence === undefined) return undefined;
  const read = readOf(view, fence);
  // While it is written anew, what was said stands until that is confirmed.
  if (read === undefined || !fence.confirmed) return said(view, read && seen(view, fence, read));
  return seen(view, fence, read);
}

/** What a read made after the confirmation shows to be different: a reason to write it again. */
export function seenItemDrift(view: View): ItemDrift | undefined {
  const fence = openFence(view);
  const read = fence && readOf(view, fence);
  return fence && read && seen(view, fence, read);
}

/** Said by an earlier life or by another process, and not looked at by this one. */
export function isItemDriftUnseen(view: View): boolean {
  const fence = openFence(view);
  return fence !== undefined && readOf(view, fence) === undefined && itemDrift(view) !== undefined;
}

function openFence(view: View): FenceStatus | undefined {
  const { fence, schedule } = view.status;
  const isOpen = fence?.state === 'open' && fence.token === schedule?.token && fence.confirmedAt !== undefined;
  return isOpen && view.facts.fenced !== false ? fence : undefined;
}

function readOf({ facts }: View, { item }: FenceStatus): ItemRead | undefined {
  return facts.itemRead?.item === item ? facts.itemRead : undefined;
}

function seen(view: View, fence: FenceStatus, { at, found }: ItemRead): ItemDrift | undefined {
  if (fence.confirmedAt === undefined || !isBefore(instant(fence.confirmedAt), at)) return undefined;
  if (found === undefined) return drift(view, fence, { reason: 'ItemMissing', effect: 'silent', what: 'was deleted in Braze' });
  const changed = changedFields(view, fence, found);
  if (changed.length === 0) return undefined;
  const effect: Effect = found.token === fence.token ? 'told' : found.token === '' ? 'silent' : 'taken';
  return drift(view, fence, { reason: 'ItemChanged', effect, what: `was changed in Braze (${changed.join(', ')})` });
}

function changedFields({ facts }: View, fence: FenceStatus, { token, state, owner, content }: FoundItem): readonly string[] {
  const own = { token: token !== fence.token, state: state !== fence.state, owner: owner !== facts.desired.owner };
  const changed = Object.entries(own).flatMap(([field, differs]) => (differs ? [field] : []));
  // Content that was announced since, or is frozen inside the margin, is not what the item was compared with.
  return content?.hash === fence.contentHash ? [...changed, ...content.differs] : changed;
}

interface Found {
  readonly reason: ItemReason;
  readonly effect: Effect;
  readonly what: string;
}

function drift(view: View, fence: FenceStatus, { reason, effect, what }: Found): ItemDrift {
  const { name, namespace } = view.object.metadata;
  const when = toClock(instant(fence.sendAt ?? view.facts.desired.sendAt.toString()));
  const notSent = `From 15 minutes after it on, where Braze shows no deliveries: kubectl matchday resolve ${name} -n ${namespace} --not-sent.`;
  const ends: Readonly<Record<Effect, string>> = {
    silent: `the send at ${when} aborts and nobody is told. ${notSent}`,
    taken: `the send at ${when} aborts, and who holds that token may tell the fans. Look in Braze.`,
    told: `the send at ${when} goes out with what stands there.`,
  };
  const message = view.insideMargin(fence.sendAt ?? view.facts.desired.sendAt)
    ? `Catalog item ${fence.item} ${what}, too near the send to be written again: ${ends[effect]}`
    : `Catalog item ${fence.item} ${what}; it is written again. Find out who did: only the operator may write it.`;
  return { drifted: { reason, message }, effect };
}

/** What the object said last, in the words of `now` where there is something newer to say. */
function said({ status }: View, now: ItemDrift | undefined): ItemDrift | undefined {
  const condition = status.conditions?.find(({ type }) => type === 'Drifted');
  const reason = REASONS.find((each) => each === condition?.reason);
  if (condition === undefined || reason === undefined) return undefined;
  const ready = status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  return now ?? { drifted: { reason, message: condition.message }, effect: ready ? 'told' : 'silent' };
}

/** `shown` of an armed send with this drift: as being put right, or for a person where it is too late for that. */
export function withItem(view: View, shown: Shown, { drifted, effect }: ItemDrift): Shown {
  if (effect === 'told') return { ...shown, drifted };
  const near = view.insideMargin(view.status.fence?.sendAt ?? view.facts.desired.sendAt);
  return near
    ? { phase: shown.phase, ready: false, ...drifted, stalled: true, drifted }
    : { ...shown, ready: false, reason: 'Opening', message: drifted.message, drifted };
}

/** Why nobody may have been told of a send that is over; undefined where nothing speaks against it. */
export function itemDoubt(view: View): string | undefined {
  const found = itemDrift(view);
  if (found === undefined || found.effect === 'told') return undefined;
  const { name, namespace } = view.object.metadata;
  if (found.effect === 'taken')
    return 'its catalog item was last seen with another token: whoever wrote it may have told the fans instead. Look in Braze.';
  const how = found.drifted.reason === 'ItemMissing' ? 'missing' : 'closed by other hands';
  return `its catalog item was last seen ${how}, so nobody may have been told. Look in Braze; to send it after all: kubectl matchday resolve ${name} -n ${namespace} --not-sent.`;
}
