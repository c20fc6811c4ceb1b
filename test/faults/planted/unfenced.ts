/** The protocol of an unfenced workspace, broken. */
import type { Bug } from './bug.ts';

const IN = 'src/reconcilers/match-notification';

export const UNFENCED: readonly Bug[] = [
  {
    name: 'unfenced-blind-retry',
    what: 'after a create without an answer the operation is dropped as it is with a fence, and another made',
    patches: [
      {
        file: `${IN}/decide.ts`,
        find: "  return view.facts.fenced ? { kind: 'DropOperation', shown, why: 'nobody finished it' } : unresolved(view, operation);",
        replace: "  return { kind: 'DropOperation', shown, why: 'nobody finished it' };",
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 40,
      worlds: { fenced: false, twin: false, rival: false, objects: 1 },
      rates: { brazeLost: 0.3 },
    },
  },
  {
    name: 'unfenced-not-blocked',
    what: 'what became of a call is unknown, and no condition says so',
    patches: [
      {
        file: `${IN}/unresolved.ts`,
        find: "  return { phase: 'Blocked', ready: false, reason, message: `${evidence(view, operation)} ${remedy(view, operation)}`, stalled: true };",
        replace: "  return { phase: 'Pending', ready: false, reason, message: `${evidence(view, operation)} ${remedy(view, operation)}` };",
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 40,
      worlds: { fenced: false, twin: false, rival: false, objects: 1 },
      rates: { brazeLost: 0.3, resolve: 0 },
    },
  },
  {
    name: 'unfenced-update-inside-buffer',
    what: 'a schedule is updated inside the update buffer, where it is best effort',
    patches: [
      {
        file: `${IN}/unfenced.ts`,
        find: '  if (view.status.occasion?.locked || view.insideBuffer(schedule.firesAt)) return frozen(view, schedule);',
        replace: '  if (view.status.occasion?.locked || view.insideMargin(schedule.firesAt)) return frozen(view, schedule);',
      },
    ],
    hunt: { campaign: 'tests', limit: 1, file: 'test/match-notification/decide.test.ts' },
  },
  {
    name: 'unfenced-beside-leftovers',
    what: 'the next is created before the delete of the old one is confirmed',
    patches: [
      {
        file: `${IN}/unfenced.ts`,
        find: '[occasionIsOver, goalIsNothing, scheduleIsOwned, leftovers];',
        replace: '[occasionIsOver, goalIsNothing, scheduleIsOwned];',
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { fenced: false, twin: false, rival: false, objects: 1 }, rates: { edit: 20 } },
  },
  {
    name: 'unfenced-token-forgotten',
    what: 'an update was answered with a new id, and once the old one is gone the token that both bear counts as gone',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: '  const shared = [next.schedule?.token, ...obsolete.map(({ token }) => token)].includes(target.token);',
        replace: '  const shared = obsolete.some(() => false);',
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 60,
      worlds: { fenced: false, twin: false, rival: false, objects: 1, leaders: 'elected', calmBeforeSend: true, rendersKickoff: 'False' },
      rates: { brazeNewId: 0.8, edit: 60, delete: 0, killSwitch: 0, restore: 0 },
    },
  },
];
