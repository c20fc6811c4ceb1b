/** The ledger as a part of the process: only who leads writes it; caches fill it, and it lets objects go that waited for it. */
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { Step } from '../controller/manager.ts';
import type { ObjectKey } from '../controller/types.ts';
import type { MatchNotification } from '../crds/match-notification.ts';
import { connectionOf } from '../ledger/connection.ts';
import { LedgerDatabase } from '../ledger/database.ts';
import { Ledger } from '../ledger/ledger.ts';
import type { LedgerView } from '../reconcilers/match-notification/ports.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Secrets } from '../telemetry/secrets.ts';
import type { Kinds } from './kinds.ts';

interface LedgerParts {
  readonly config: Pick<Config, 'database' | 'ledgerGraceMs' | 'dryRun'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly secrets: Pick<Secrets, 'register'>;
  readonly kinds: Pick<Kinds, 'notifications'>;
  readonly ownerId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'ledgerLag' | 'beforePage'>;
  readonly enqueue: (key: ObjectKey) => void;
}

/** Undefined when no database is configured, or when nothing is done that it could tell of. */
export function ledgerOf(parts: LedgerParts): { readonly view: LedgerView; readonly step: Step } | undefined {
  const { config, ownerId, clock, log, metrics } = parts;
  if (config.database === undefined || config.dryRun) return undefined;
  const onPassword = (password: string): void => parts.secrets.register('ledger password', password);
  const database = new LedgerDatabase(connectionOf(config.database, { env: parts.env, onPassword }));
  const onHeld = ({ metadata }: { readonly metadata: ObjectKey }): void => {
    const object = parts.kinds.notifications.get(metadata);
    if (object?.metadata.deletionTimestamp !== undefined) parts.enqueue(metadata);
  };
  const ledger = new Ledger({ database, ownerId, clock, log, onHeld });
  metrics.beforePage(() => metrics.ledgerLag.set(ledger.lag));
  const view: LedgerView = {
    heldUpTo: (uid) => ledger.heldUpTo(uid),
    holds: (object) => ledger.holds(object),
    graceMs: config.ledgerGraceMs,
  };
  return { view, step: stepOf(parts, ledger) };
}

function stepOf({ kinds }: LedgerParts, ledger: Ledger): Step {
  let running = Promise.resolve();
  return {
    name: 'ledger',
    why: 'what a former leader did not write down yet stands in the objects; the last passes are written before the database is left',
    start: () => {
      kinds.notifications.subscribe((type, old, current) => follow(ledger, type, current ?? old));
      for (const object of kinds.notifications.list()) ledger.changed(object);
      running = ledger.run();
    },
    stop: async () => {
      await ledger.stop();
      await running;
    },
  };
}

function follow(ledger: Ledger, type: string, object: MatchNotification | undefined): void {
  if (object === undefined) return;
  if (type === 'deleted') ledger.forget(object.metadata.uid);
  else ledger.changed(object);
}
