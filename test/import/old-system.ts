/** The system before this one, as far as an import sees it: its tables on a real Postgres, and what it scheduled in the simulated Braze. */
import { type BrazeSimulator, DEFAULT_API_KEY } from '../../sandbox/braze/index.ts';
import type { Postgres } from '../../sandbox/postgres/postgres.ts';

export const OLD_DATABASE = 'old_system';

export interface OldEntry {
  readonly match: string;
  readonly scheduleId: string;
  readonly sendAt: Temporal.Instant;
  readonly status: string;
}

/** Empty tables in a database of their own. */
export async function makeOldTables(postgres: Postgres): Promise<string> {
  await postgres.query(`drop database if exists ${OLD_DATABASE}`);
  await postgres.query(`create database ${OLD_DATABASE}`);
  const statements = [
    'create table schedule_ledger (match_id bigint, braze_schedule_id text, signature text, send_at_utc timestamptz, status text)',
    'create table scheduler_locks (lock_name text primary key, lock_id uuid, expires_at timestamptz)',
  ];
  for (const statement of statements) await postgres.query(statement, [], { database: OLD_DATABASE });
  return postgres.url({ user: 'postgres', password: 'sandbox-superuser', database: OLD_DATABASE });
}

export async function writeEntry(postgres: Postgres, { match, scheduleId, sendAt, status }: OldEntry): Promise<void> {
  const signature = `${sendAt.toString().slice(0, 16)}|Home+Away`;
  await postgres.query(
    'insert into schedule_ledger values ($1, $2, $3, $4, $5)',
    [match, scheduleId, signature, sendAt.toString(), status],
    {
      database: OLD_DATABASE,
    },
  );
}

interface Calling {
  readonly braze: BrazeSimulator;
  readonly campaignId: string;
}

/** A schedule without a token, as the old system made them. */
export async function scheduleOld({ braze, campaignId }: Calling, match: string, sendAt: Temporal.Instant): Promise<string> {
  const body = { campaign_id: campaignId, broadcast: true, trigger_properties: { match }, schedule: { time: sendAt.toString() } };
  const answer = await post(braze, 'create', body);
  return String(answer['schedule_id']);
}

export async function deleteOld({ braze, campaignId }: Calling, scheduleId: string): Promise<void> {
  await post(braze, 'delete', { campaign_id: campaignId, schedule_id: scheduleId });
}

async function post(braze: BrazeSimulator, call: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${braze.url}/campaigns/trigger/schedule/${call}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEFAULT_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== 'object' || answer === null) throw new Error(`Braze refused ${call}: ${JSON.stringify(answer)}`);
  return { ...answer };
}

/** How often anybody was told of each match, whichever system did it. */
export function toldByMatch(braze: BrazeSimulator): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { properties, notification } of braze.deliveries({})) {
    const match =
      notification === undefined ? String(properties['match']) : (/^football-data-(\d+)-/.exec(notification)?.[1] ?? notification);
    counts[match] = (counts[match] ?? 0) + 1;
  }
  return counts;
}
