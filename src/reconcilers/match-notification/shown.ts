/** The sentences that a MatchNotification shows (design §3a): each says what is, and what to do when something is to be done. */
import { instant, toClock } from '../../base/instants.ts';
import { withDrift } from './drift.ts';
import type { Goal } from './goal.ts';
import type { Phase, Shown, Step } from './step.ts';
import type { View } from './view.ts';

/** "Aston Villa FC v Arsenal FC", with a placeholder for a team that is not known yet. */
export function fixtureName(spec: View['object']['spec']): string {
  const side = (team: { name?: string | undefined; tla?: string | undefined } | undefined): string =>
    team?.name ?? team?.tla ?? 'to be decided';
  return `${side(spec.match.home)} v ${side(spec.match.away)}`;
}

/** The phase while something is being done: an armed send stays Scheduled, everything else is on its way to be. */
export function phaseMeanwhile(view: View): Phase {
  return view.schedule !== undefined || view.status.occasion?.locked ? 'Scheduled' : 'Pending';
}

export function working(view: View, reason: string, message: string, drifted?: Shown['drifted']): Shown {
  return { phase: phaseMeanwhile(view), ready: false, reason, message, ...(drifted ? { drifted } : {}) };
}

export function stalled(view: View, reason: string, message: string): Shown {
  const phase = view.schedule !== undefined || view.status.occasion?.locked ? 'Scheduled' : 'Blocked';
  return { phase, ready: false, reason, message, stalled: true };
}

export function missed(view: View, message: string): Shown {
  return {
    phase: 'Missed',
    ready: false,
    reason: 'Missed',
    message: `${message} Move sendAt or kickoff to a later time to send it after all.`,
    stalled: view.schedule === undefined,
  };
}

export function scheduled(view: View, drifted?: Shown['drifted']): Shown {
  const firesAt = view.schedule?.firesAt ?? view.status.fence?.sendAt;
  const when = firesAt === undefined ? '' : ` at ${toClock(Temporal.Instant.from(firesAt))}`;
  return withDrift(view, {
    phase: 'Scheduled',
    ready: true,
    reason: 'Scheduled',
    message: `Braze sends it${when}.`,
    ...(drifted ? { drifted } : {}),
  });
}

/** What it says already, while it says it of its present spec. */
export function asBefore({ object, status }: View): Shown | undefined {
  const { phase, conditions = [], observedGeneration } = status;
  const [ready, stuck, drifted] = ['Ready', 'Stalled', 'Drifted'].map((type) => conditions.find((condition) => condition.type === type));
  if (phase === undefined || ready === undefined || observedGeneration !== object.metadata.generation) return undefined;
  const { reason, message } = ready;
  return {
    phase,
    ready: ready.status === 'True',
    reason,
    message,
    ...(stuck === undefined ? {} : { stalled: true }),
    ...(drifted === undefined ? {} : { drifted: { reason: drifted.reason, message: drifted.message } }),
  };
}

export function lockShown(view: View): Shown {
  const fence = view.status.fence;
  if (view.facts.fenced === false || (fence?.confirmed && fence.state === 'open'))
    return withDrift(view, { phase: 'Scheduled', ready: true, reason: 'Scheduled', message: 'About to be sent.' });
  return withDrift(view, working(view, 'Opening', 'About to be sent; its catalog item is not confirmed.'));
}

export function closingShown(view: View, goal: Extract<Goal, { kind: 'nothing' }>): Shown {
  const failure = view.facts.lastFailure;
  if (view.status.occasion?.locked) {
    return {
      phase: 'Scheduled',
      ready: false,
      reason: 'Closing',
      message: `CancelledTooLate: ${goal.why} came inside the margin; it is closed and deleted, but may go out all the same.`,
    };
  }
  const kept: Shown = { ...goal.shown, ready: false, stalled: goal.shown.stalled ?? false };
  if (goal.shown.stalled) return kept;
  return {
    ...kept,
    reason: failure ? 'BrazeUnavailable' : 'Closing',
    message: `${goal.shown.message} Its Braze schedule is being closed and deleted.${failure ? ` ${failure}` : ''}`,
  };
}

export function sentShown(view: View): Shown {
  const sent = view.status.lastSent;
  const at = sent === undefined ? '' : ` at ${toClock(instant(sent.firesAt))}`;
  const message = sent?.doubt
    ? `Counts as sent${at}: ${sent.doubt} It is not sent again by itself.`
    : sent?.reason === 'PresumedSent'
      ? `Counts as sent${at}: it was too late to stop or to confirm it. It is not sent again.`
      : `Sent${at}.`;
  return { phase: 'Sent', ready: true, reason: 'Sent', message };
}

export const rest = (shown: Shown, until: Temporal.Instant | undefined, why: string): Step => ({ kind: 'Rest', shown, until, why });
