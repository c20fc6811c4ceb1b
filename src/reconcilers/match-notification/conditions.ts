/** `Shown` as kstatus conditions: Ready always; Reconciling, Stalled and Drifted only while true; Delivered once a send was judged (design §3a). */
import { toText } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import type { Delivered } from './delivery.ts';
import type { Shown } from './step.ts';

type Condition = NonNullable<MatchNotificationStatus['conditions']>[number];

interface Wanted {
  readonly type: string;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

interface Said {
  readonly shown: Shown;
  readonly delivered: Delivered | undefined;
  readonly before: readonly Condition[];
  readonly generation: number | undefined;
  readonly now: Temporal.Instant;
}

/** `lastTransitionTime` moves only when a condition's status does. */
export function conditionsOf({ shown, delivered, before, generation, now }: Said): Condition[] {
  const all = [...wantedConditions(shown), ...(delivered === undefined ? [] : [{ type: 'Delivered', ...delivered }])];
  return all.map((wanted) => {
    const old = before.find((condition) => condition.type === wanted.type);
    const lastTransitionTime = old?.status === wanted.status ? old.lastTransitionTime : toText(now);
    return { ...wanted, lastTransitionTime, ...(generation === undefined ? {} : { observedGeneration: generation }) };
  });
}

function wantedConditions(shown: Shown): Wanted[] {
  const { reason, message } = shown;
  const wanted: Wanted[] = [{ type: 'Ready', status: shown.ready ? 'True' : 'False', reason, message }];
  if (shown.stalled) wanted.push({ type: 'Stalled', status: 'True', reason, message });
  else if (!shown.ready) wanted.push({ type: 'Reconciling', status: 'True', reason, message });
  if (shown.drifted) wanted.push({ type: 'Drifted', status: 'True', ...shown.drifted });
  return wanted;
}
