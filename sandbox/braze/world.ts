/** Everything that one simulated workspace consists of. */
import type { Agenda } from './agenda.ts';
import type { Campaign } from './campaigns.ts';
import type { Catalogs } from './catalogs.ts';
import type { ConnectedContent } from './connected-content.ts';
import type { Sender } from './delivery.ts';
import type { ApiKeys } from './keys.ts';
import type { RateLimits } from './limits.ts';
import type { BrazeOptions } from './options.ts';
import type { DashboardBroadcast } from './read-calls.ts';
import type { Schedules } from './schedules.ts';
import type { SendIds } from './send-ids.ts';

export interface World {
  readonly options: BrazeOptions;
  readonly agenda: Agenda;
  readonly keys: ApiKeys;
  readonly limits: RateLimits;
  readonly campaigns: Map<string, Campaign>;
  readonly schedules: Schedules;
  readonly catalogs: Catalogs;
  readonly sendIds: SendIds;
  readonly content: ConnectedContent;
  readonly sender: Sender;
  /** What people scheduled in the dashboard; shown by the listing. */
  readonly dashboard: DashboardBroadcast[];
}
