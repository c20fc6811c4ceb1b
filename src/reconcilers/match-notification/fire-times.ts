/** When a schedule may go out: an update whose answer was lost leaves two times. Pure. */
import { instant } from '../../base/instants.ts';
import type { MatchNotificationStatus } from '../../crds/match-notification.ts';
import type { Owned } from './facts.ts';

function timesOf({ operation }: MatchNotificationStatus, owned: Pick<Owned, 'id' | 'firesAt'>): readonly string[] {
  const inDoubt = operation?.kind === 'Update' && operation.scheduleId === owned.id ? [operation.firesAt] : [];
  return [owned.firesAt, ...inDoubt].toSorted((a, b) => Temporal.Instant.compare(instant(a), instant(b)));
}

/** What is done before this moment is done in time. */
export const firstFire = (status: MatchNotificationStatus, owned: Pick<Owned, 'id' | 'firesAt'>): string =>
  timesOf(status, owned)[0] ?? owned.firesAt;

/** Past this moment it went out. */
export const lastFire = (status: MatchNotificationStatus, owned: Pick<Owned, 'id' | 'firesAt'>): string =>
  timesOf(status, owned).at(-1) ?? owned.firesAt;
