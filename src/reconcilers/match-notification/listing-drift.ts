/**
 * What is said of an armed send whose schedule Braze's listing showed and does not any more: somebody may have deleted it there, and then
 * nobody is told. A warning and nothing else: the listing proves nothing (contracts 1.6), so nothing is made or given up because of it
 * (design §4, "Never"). Pure. What is not known keeps what the object said last.
 */
import { instant, toClock } from '../../base/instants.ts';
import type { DRIFT_REASONS } from '../../crds/words.ts';
import type { Schedule } from './facts.ts';
import type { View } from './view.ts';

interface ListingDrift {
  readonly reason: 'ScheduleNotListed' & keyof typeof DRIFT_REASONS;
  readonly message: string;
}

const REASON = 'ScheduleNotListed';

export function listingDrift(view: View): ListingDrift | undefined {
  const { schedule } = view;
  if (schedule === undefined || view.facts.listed === 'shown') return undefined;
  if (view.facts.listed === 'gone') return { reason: REASON, message: sentence(view, schedule) };
  const said = view.status.conditions?.find(({ type, reason }) => type === 'Drifted' && reason === REASON);
  return said && { reason: REASON, message: said.message };
}

function sentence({ object }: View, { id, firesAt }: Schedule): string {
  const { name, namespace } = object.metadata;
  return (
    `Braze's listing showed the send at ${toClock(instant(firesAt))}, and does not any more: schedule ${id} may have been deleted there, and then nobody is told. ` +
    `Look in Braze; to have it made anew: kubectl matchday suspend ${name} -n ${namespace}, and resume when it is Held.`
  );
}

/** Why nobody may have been told of a send that is over. */
export function listingDoubt(view: View): string | undefined {
  if (listingDrift(view) === undefined) return undefined;
  const { name, namespace } = view.object.metadata;
  return `Braze's listing did not show its schedule any more, so nobody may have been told. Look in Braze; to send it after all: kubectl matchday resolve ${name} -n ${namespace} --not-sent.`;
}
