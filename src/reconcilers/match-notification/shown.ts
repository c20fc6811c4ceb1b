/** The sentences that a MatchNotification shows (design §3a): each says what is, and what to do when something is to be done. */
import { toClock } from '../../base/instants.ts';
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
  return { phase: 'Scheduled', ready: true, reason: 'Scheduled', message: `Braze sends it${when}.`, ...(drifted ? { drifted } : {}) };
}

export const rest = (shown: Shown, until: Temporal.Instant | undefined, why: string): Step => ({ kind: 'Rest', shown, until, why });
