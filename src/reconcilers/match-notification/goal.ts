/** What the object's owner wants now: a send, or nothing, and in whose name. First reason wins. */
import { instant, isBefore, plusMs, toClock } from '../../base/instants.ts';
import type { Shown } from './step.ts';
import type { View } from './view.ts';

export type Goal =
  | { readonly kind: 'send' }
  /** `shown` is where it rests once nothing is owned; `why` goes into obsolete and history; `wake` is when the wish may change by time alone. */
  | { readonly kind: 'nothing'; readonly why: string; readonly shown: Shown; readonly wake?: Temporal.Instant };

type Reason = (view: View) => Goal | undefined;

/** In this order: who goes, who is not in charge, what people switched off, what the feed holds, what is too far ahead. */
const REASONS: readonly Reason[] = [deleted, duplicate, workspaceSuspended, suspended, held, beyondHorizon];

export function goalOf(view: View): Goal {
  for (const reason of REASONS) {
    const goal = reason(view);
    if (goal) return goal;
  }
  return { kind: 'send' };
}

const nothing = (why: string, shown: Shown, wake?: Temporal.Instant): Goal => ({ kind: 'nothing', why, shown, ...(wake ? { wake } : {}) });

function deleted(view: View): Goal | undefined {
  if (!view.deleting) return undefined;
  return nothing('Deleted', {
    phase: view.status.phase ?? 'Cancelled',
    ready: false,
    reason: 'Closing',
    message: 'The object is being deleted; its Braze schedule goes first.',
  });
}

function duplicate(view: View): Goal | undefined {
  const twin = view.facts.twin;
  if (twin === undefined) return undefined;
  const message = `MatchNotification ${twin} is older and sends this match through the same campaign. Delete one of the two.`;
  return nothing('DuplicateMatch', { phase: 'Blocked', ready: false, reason: 'DuplicateMatch', message, stalled: true });
}

function workspaceSuspended(view: View): Goal | undefined {
  if (!view.facts.settings.suspended) return undefined;
  const message = `BrazeWorkspace ${view.object.spec.workspaceRef.name} is suspended: nothing is sent until its spec.suspend is false.`;
  return nothing('WorkspaceSuspended', { phase: 'Held', ready: true, reason: 'Suspended', message });
}

function suspended(view: View): Goal | undefined {
  if (!view.object.spec.suspend) return undefined;
  return nothing('Suspended', {
    phase: 'Held',
    ready: true,
    reason: 'Suspended',
    message: 'spec.suspend is true: nothing is sent until it is false.',
  });
}

function held(view: View): Goal | undefined {
  const { hold, ignoreHold } = view.object.spec;
  if (hold === undefined || ignoreHold?.includes(hold.reason)) return undefined;
  const detail = hold.message ? ` ${hold.message}` : '';
  if (hold.reason === 'Cancelled') {
    return nothing('Cancelled', {
      phase: 'Cancelled',
      ready: true,
      reason: 'Cancelled',
      message: `The match is cancelled; nothing is sent.${detail}`,
    });
  }
  const message = `Held: ${hold.reason}.${detail} To send all the same, add ${hold.reason} to spec.ignoreHold.`;
  return nothing(hold.reason, { phase: 'Held', ready: true, reason: 'Held', message });
}

function beyondHorizon(view: View): Goal | undefined {
  const opens = plusMs(view.facts.desired.sendAt, -view.facts.settings.horizonMs);
  if (!isBefore(view.now, opens)) return undefined;
  const planned = view.schedule;
  // Already scheduled for this very time (the horizon was shortened): leave it.
  if (planned !== undefined && instant(planned.sendAt).equals(view.facts.desired.sendAt)) return undefined;
  const message = `The send at ${toClock(view.facts.desired.sendAt)} is beyond the workspace's horizon; it is scheduled from ${toClock(opens)} on.`;
  return nothing('BeyondHorizon', { phase: 'Pending', ready: true, reason: 'BeyondHorizon', message }, opens);
}
