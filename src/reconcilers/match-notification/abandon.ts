/**
 * An object that goes with its whole namespace after the key was removed with it: nobody can give a key any more, since a namespace
 * that is being removed takes no Secret. After ten minutes it is let go, and the ids and times that stay behind are said (design §4).
 * Pure. While the namespace lives the object waits: a person can put the key back, or annotate it.
 */
import { earliest, hasPassed, plusMs, toClock } from '../../base/instants.ts';
import { working } from './shown.ts';
import type { Step } from './step.ts';
import type { View } from './view.ts';

const ABANDON_AFTER_MS = 10 * 60_000;

export function keyGoneForGood(view: View): Step | undefined {
  const at = abandonAt(view);
  if (at === undefined || !hasPassed(at, view.now)) return undefined;
  const shown = working(view, 'Closing', 'Abandoned: its namespace is being removed, and the key to Braze is gone with it.');
  const openItem = view.orphanedAnnouncement === undefined ? undefined : view.status.fence?.item;
  const left = { abandoned: view.owned, ...(openItem === undefined ? {} : { openItem }) };
  return { kind: 'RemoveFinalizer', ...left, shown, why: 'the key is gone and the namespace goes' };
}

/** When a waiting object looks again: nobody tells it that its namespace began to go. */
export function abandonAgainAt(view: View): Temporal.Instant | undefined {
  if (!waits(view)) return undefined;
  const again = plusMs(view.now, ABANDON_AFTER_MS);
  return earliest(again, abandonAt(view) ?? again);
}

/** What is added to the sentence about the workspace while it waits. */
export function abandonSentence(view: View): string {
  const at = abandonAt(view);
  return at === undefined
    ? ''
    : ` The namespace is being removed: at ${toClock(at)} the object is let go, and what is armed stays in Braze.`;
}

function abandonAt(view: View): Temporal.Instant | undefined {
  const since = view.facts.namespaceEndsSince;
  return waits(view) && since !== undefined ? plusMs(since, ABANDON_AFTER_MS) : undefined;
}

const waits = (view: View): boolean => view.deleting && view.facts.keyGone;
