/** A person found out that a send did not go out (`matchday resolve NAME --not-sent`): the occasion is open again (design §4). */
import { hasPassed, instant, plusMs } from '../../base/instants.ts';
import { resolutionOf } from '../../crds/annotations.ts';
import { working } from './shown.ts';
import type { Step } from './step.ts';
import type { View } from './view.ts';

/** Braze may still be at it before; users of one send are rendered over some minutes. */
const SURELY_OVER_MS = 15 * 60_000;

export function reopen(view: View): Step | undefined {
  const sent = view.status.lastSent;
  if (sent === undefined || sent.disprovedAt !== undefined || view.owned.length > 0 || view.announced.length > 0) return undefined;
  const said = resolutionOf(view.object);
  if (said.kind !== 'said' || said.value.result !== 'not-sent' || said.value.operationId !== (sent.scheduleId ?? sent.firesAt))
    return undefined;
  if (!hasPassed(plusMs(instant(sent.firesAt), SURELY_OVER_MS), view.brazeNow)) return undefined;
  return { kind: 'Reopen', shown: working(view, 'Resolving', 'A person said that it was not sent.'), why: 'a person looked' };
}
