/** One operation, three places: what the log says of it is found in the object's history and in the ledger by its operation id, and back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_API_KEY } from '../../sandbox/braze/index.ts';
import { Postgres } from '../../sandbox/postgres/postgres.ts';
import { until } from '../../sandbox/process/until.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import { entryId } from '../../src/base/operation-id.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { migrate } from '../../src/ledger/migrate.ts';
import { EVENT_REASONS } from '../../src/telemetry/event-reasons.ts';
import { armed, BRISK_LEASE, inHours, stage, untilDealtWith, walkPastSend, walkTo } from './support.ts';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly name?: string;
  readonly fixture?: string;
  readonly reason?: string;
  readonly operationId?: string;
}

let postgres: Postgres;
let stack: Stack;
const lines: Line[] = [];
beforeAll(async () => {
  postgres = await Postgres.start();
  await migrate({ connection: { connectionString: postgres.url() }, writer: 'postgres' });
  const flags = [...BRISK_LEASE, '--database-url', postgres.url()];
  stack = await stage({ operators: 0, workspace: false, operatorFlags: flags });
  const operator = await stack.startOperator({ onLine: (line) => void lines.push(JSON.parse(line) as Line) });
  await operator.leads();
  await stack.workspace({ margin: '10s', requestTimeout: '1s' });
  await matchDay();
}, 180_000);
afterAll(async () => {
  await stack?.stop();
  await postgres?.[Symbol.asyncDispose]();
});

/** Everything that ends in an entry of a history: made, refused, lost, moved, held, taken over, sent, missed, and said not to be sent. */
async function matchDay(): Promise<void> {
  const campaignId = stack.campaign();
  const kickoff = inHours(stack, 4);
  const notify = (match: string, spec: object = {}) => stack.notify({ match, campaignId, kickoff, spec: { ...spec } });
  await armed(stack, { match: '7201', campaignId, kickoff });
  await armed(stack, { match: '7202', campaignId, kickoff });
  await notify('7202', { hold: { reason: 'Postponed' } });
  await untilDealtWith(stack, 'pl-7202', 'Held');
  const lost = stack.braze.fault({ match: { endpoint: 'campaign-create' }, action: { kind: 'drop-after' } });
  await armed(stack, { match: '7203', campaignId, kickoff });
  expect(lost.hits).toHaveLength(1);
  stack.braze.fault({ match: { endpoint: 'campaign-create' }, action: { kind: 'refuse', status: 400, body: { message: 'Bad Request' } } });
  await armed(stack, { match: '7204', campaignId, kickoff });
  await stack.notify({ match: '7201', campaignId, kickoff: kickoff.add({ minutes: 30 }) });
  await untilDealtWith(stack, 'pl-7201', 'Scheduled');
  const theirs = await theirSchedule(campaignId, kickoff);
  await notify('7205');
  await untilDealtWith(stack, 'pl-7205', 'Scheduled');
  const adopt = JSON.stringify({ id: theirs, campaignId, sendAt: kickoff.subtract({ hours: 1 }).toString() });
  await stack.kubectlOrThrow(['annotate', 'mn', 'pl-7205', `matchday.dev/adopt-schedule=${adopt}`]);
  await stack.notifications.waitFor('pl-7205', ({ status }) => status?.adopted !== undefined && status.obsolete === undefined);
  await stack.notify({ match: '7206', campaignId, kickoff: inHours(stack, 0).subtract({ hours: 1 }) });
  await untilDealtWith(stack, 'pl-7206', 'Missed');
  await walkPastSend(stack, kickoff.subtract({ hours: 1 }));
  await untilDealtWith(stack, 'pl-7203', 'Sent');
  const { status } = await untilDealtWith(stack, 'pl-7204', 'Sent');
  await walkTo(stack, stack.clock.now().add({ minutes: 16 }), { from: stack.clock.now().add({ minutes: 15 }) });
  const notSent = JSON.stringify({ operationId: status?.lastSent?.scheduleId, result: 'not-sent' });
  await stack.kubectlOrThrow(['annotate', 'mn', 'pl-7204', `matchday.dev/resolve=${notSent}`]);
  await stack.notifications.waitFor('pl-7204', (object) => object.status?.lastSent?.disprovedAt !== undefined);
}

/** As another system would have made it. */
async function theirSchedule(campaignId: string, kickoff: Temporal.Instant): Promise<string> {
  const body = { campaign_id: campaignId, broadcast: true, schedule: { time: kickoff.subtract({ hours: 1 }).toString() } };
  const headers = {
    authorization: `Bearer ${DEFAULT_API_KEY}`,
    'content-type': 'application/json',
  };
  const answer = await fetch(`${stack.braze.url}/campaigns/trigger/schedule/create`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { schedule_id: string }).schedule_id;
}

const objects = (): readonly MatchNotification[] => stack.notifications.list();
const entries = () =>
  objects().flatMap(({ metadata: { name, uid }, status }) =>
    Object.entries(status?.history ?? {}).map(([sequence, entry]) => ({ name, id: entryId(uid, Number(sequence), entry), ...entry })),
  );
const told = (): readonly Line[] => lines.filter(({ operationId }) => operationId !== undefined);

async function ledgerIds(): Promise<ReadonlySet<string>> {
  const look = async () => {
    const { rows } = await postgres.query<{ operation_id: string }>('select operation_id from schedule_ledger');
    const ids = new Set(rows.map(({ operation_id }) => operation_id));
    return entries().every(({ id }) => ids.has(id)) ? ids : undefined;
  };
  return await until(look, { what: 'the ledger to hold every entry', timeoutMs: 40_000, everyMs: 200 });
}

describe('an operation', () => {
  it('of every kind was part of the day', () => {
    const kinds = new Set(entries().map(({ action, outcome }) => `${action} ${outcome}`));
    expect([...kinds].sort()).toEqual(
      [
        'adopted done',
        'cancelled done',
        'created done',
        'created refused',
        'created unknown',
        'missed done',
        'moved done',
        'resolved done',
        'sent done',
      ].sort(),
    );
  });

  it('that the log tells of is in the ledger and in the history of its object', async () => {
    const ids = await ledgerIds();
    expect(told().length).toBeGreaterThan(0);
    for (const { operationId = '', name = '', message } of told()) {
      expect(ids.has(operationId), `${message} (${operationId}) in the ledger`).toBe(true);
      const own = entries().filter((entry) => entry.name === name && (entry.id === operationId || entry.operationId === operationId));
      expect(own.length, `${message} (${operationId}) in the history of ${name}`).toBeGreaterThan(0);
    }
  });

  it('that is in a history is told by the log', async () => {
    const untold = (): readonly string[] => {
      const ids = new Set(told().map(({ operationId }) => operationId));
      const left = entries().filter(({ id, operationId }) => !ids.has(id) && !ids.has(operationId));
      return left.map(({ name, action, outcome, id }) => `${name}: ${action} ${outcome} ${id}`);
    };
    // Told after the write, so the last line may be on its way.
    await expect.poll(untold, { timeout: 10_000 }).toEqual([]);
  });

  it('is told with the name of its fixture, and what is told of as an event has one of the known reasons', () => {
    expect(told().filter(({ fixture }) => fixture === undefined)).toEqual([]);
    const unknown = told().filter(({ reason }) => reason !== undefined && !(reason in EVENT_REASONS));
    expect(unknown.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([]);
  });
});
