/**
 * A send that can't be made any more is told of in the write that says so first, whatever else that write was about: a rest, the delete of
 * the schedule before, what a person found out. Nobody would hear of it afterwards.
 */
import type { MatchNotification } from '../../crds/match-notification.ts';
import { newestEntryId } from './history.ts';
import type { Pass } from './pass.ts';
import { warning } from './voice.ts';

/** `written`: what became of `pass.object`. */
export function tellMissed(pass: Pass, written: MatchNotification): void {
  if (!becameMissed(pass, written)) return;
  const said = written.status?.conditions?.find(({ type }) => type === 'Ready');
  pass.ports.counts.sent('Missed');
  warning(pass, 'Missed', said?.message ?? 'It can not be sent any more.', { operationId: newestEntryId(written, ['missed']) });
}

export const becameMissed = ({ object }: Pass, written: MatchNotification): boolean =>
  written.status?.phase === 'Missed' && object.status?.phase !== 'Missed';
