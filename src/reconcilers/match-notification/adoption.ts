/**
 * A schedule that somebody else made and this object takes over (annotation matchday.dev/adopt-schedule; design §4, "Adoption").
 *
 * In a fenced campaign its message carries no token and would abort: it is taken into `obsolete`, deleted, and one of ours is made. In
 * an unfenced workspace it is owned from here on. Taking it over is one status write; Braze is called by the steps that follow.
 */
import { adoptionOf } from '../../crds/annotations.ts';
import { rest, stalled, working } from './shown.ts';
import type { Step } from './step.ts';
import type { View } from './view.ts';

export function adopt(view: View): Step | undefined {
  const { facts } = view;
  if (view.deleting || facts.fenced === undefined) return undefined;
  const said = adoptionOf(view.object);
  if (said.kind === 'nothing') return undefined;
  if (said.kind === 'unreadable') return view.owned.length > 0 ? undefined : unreadable(view, said.message);
  const { id, campaignId, sendAt } = said.value;
  const known = view.status.adopted?.id === id || view.owned.some((owned) => owned.id === id);
  if (known) return undefined;
  const sameCampaign = campaignId === facts.desired.campaignId;
  const keeps = !facts.fenced && sameCampaign && view.schedule === undefined && !view.occasionSent;
  // Without a token of ours it aborts in a campaign that is known to read the fence; anywhere else it is delivered unless it is deleted.
  const aborts = facts.fenced && sameCampaign && facts.campaign?.fenced === 'True' && !view.insideMargin(sendAt);
  return {
    kind: 'Adopt',
    schedule: { id, campaignId, sendAt: Temporal.Instant.from(sendAt) },
    keeps,
    announced: !aborts,
    shown: working(view, 'Creating', `Taking over schedule ${id}.`),
    why: 'named in the annotation',
  };
}

function unreadable(view: View, message: string): Step {
  const sentence = `${message} Write {"id","campaignId","sendAt"} as JSON, or remove it. Nothing is created before, since Braze may hold the schedule that it names.`;
  return rest(stalled(view, 'AnnotationInvalid', sentence), undefined, 'unreadable annotation');
}
