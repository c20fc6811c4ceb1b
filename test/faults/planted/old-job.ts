/** What the cron job before this operator did wrong (docs/incident-analysis.md), done wrong again here. */
import type { Bug } from './bug.ts';

const IN = 'src/reconcilers/match-notification';

export const OLD_JOB: readonly Bug[] = [
  {
    name: 'placeholder-id',
    what: 'a placeholder stands in the id field before the call, and is deleted as if it were a schedule',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: '  return { ...status, attempt, operation, occasion: status.occasion ?? { number: 1 },',
        replace: `  const made = { operation, scheduleId: \`pending-\${attempt}\`, dispatchId: undefined };
  return { ...recordCreated({ ...status, attempt }, made, desired, at), operation,`,
      },
    ],
    hunt: { campaign: 'simulation', limit: 40 },
  },
  {
    name: 'compared-in-seconds',
    what: 'send times are compared to the second: one second of difference moves a schedule',
    patches: [{ file: `${IN}/content.ts`, find: 'sendAt: floorMinute(instant(spec.sendAt)),', replace: 'sendAt: instant(spec.sendAt),' }],
    hunt: { campaign: 'simulation', limit: 40 },
  },
  {
    name: 'new-id-of-an-update-unswept',
    what: 'an update is answered with a new id, and the old schedule is forgotten',
    patches: [
      {
        file: `${IN}/record-unfenced.ts`,
        find: "const base = other === undefined ? rest : retireSchedule(rest, 'ReplacedByUpdate');",
        replace: 'const base = rest;',
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 60,
      worlds: { fenced: false, twin: false, rival: false, objects: 1, leaders: 'elected', calmBeforeSend: true, rendersKickoff: 'False' },
      rates: { brazeNewId: 0.8, edit: 60, delete: 0, killSwitch: 0, restore: 0 },
    },
  },
  {
    name: 'good-schedule-deleted',
    what: 'an update is answered with a new id, and the clean-up deletes that one as a duplicate',
    patches: [
      {
        file: `${IN}/record-unfenced.ts`,
        find: '  return { ...base, schedule, occasion: announcedWith(base, made.operation.token) };',
        replace: `  if (other === undefined) return { ...base, schedule, occasion: announcedWith(base, made.operation.token) };
  return { ...retireSchedule({ ...rest, schedule }, 'Duplicate'), schedule: { ...schedule, id: other.id } };`,
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 60,
      worlds: { fenced: false, twin: false, rival: false, objects: 1, leaders: 'elected', calmBeforeSend: true, rendersKickoff: 'False' },
      rates: { brazeNewId: 0.8, edit: 60, delete: 0, killSwitch: 0, restore: 0 },
    },
  },
  {
    name: 'list-and-delete',
    what: 'a clean-up after each create deletes what the object does not show as wanted at that moment',
    patches: [
      {
        file: `${IN}/create-call.ts`,
        find: '  pass.memory.unrecorded = { operation: intended.operation, outcome, fenced: workspace.fence !== undefined };',
        replace: `  pass.memory.unrecorded = { operation: intended.operation, outcome, fenced: workspace.fence !== undefined };
  const shown = ports.notifications.get(object.metadata)?.status?.schedule?.id;
  if (outcome.kind === 'done' && shown !== outcome.value.scheduleId)
    await workspace.braze.deleteSchedule({ campaignId: intended.operation.campaignId, scheduleId: outcome.value.scheduleId, unrecorded: true });`,
      },
    ],
    hunt: { campaign: 'simulation', limit: 40 },
  },
  {
    name: 'no-version-check',
    what: 'runs overlap: a status is written over whatever another writer has made of it',
    patches: [
      {
        file: `${IN}/pass.ts`,
        find: "    ports.client.replace<MatchNotification>(MATCH_NOTIFICATIONS, { ...object, status }, { subresource: 'status' }),",
        replace: `    ports.client.get<MatchNotification>(MATCH_NOTIFICATIONS, object.metadata).then((fresh) =>
      ports.client.replace<MatchNotification>(MATCH_NOTIFICATIONS, { ...object, metadata: fresh.metadata, status }, { subresource: 'status' }),
    ),`,
      },
    ],
    hunt: { campaign: 'simulation', limit: 40 },
  },
  {
    name: 'absence-is-truth',
    what: 'a schedule that Braze does not show yet counts as gone: no grace after it was recorded',
    patches: [{ file: `${IN}/sweep-call.ts`, find: 'const VISIBLE_AFTER_MS = 300_000;', replace: 'const VISIBLE_AFTER_MS = 0;' }],
    hunt: {
      campaign: 'simulation',
      limit: 60,
      worlds: { fenced: false, twin: false, rival: false, objects: 1, leaders: 'elected', calmBeforeSend: true },
      rates: { brazeInvisible: 0.3, edit: 20, restore: 0 },
    },
  },
];
