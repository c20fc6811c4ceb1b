/** The rules around the send instant broken (design §4, rules 2 to 4), each as one would break it by simplifying. */
import type { Bug } from './bug.ts';

const IN = 'src/reconcilers/match-notification';

export const NEAR_THE_SEND: readonly Bug[] = [
  {
    name: 'every-delete-believed',
    what: 'a delete that was answered with success is believed whenever it was read',
    patches: [
      { file: `${IN}/record.ts`, find: '  if (!announced) return true;', replace: '  if (!announced || target.id !== "") return true;' },
    ],
    hunt: { campaign: 'exhaustive', scene: 'made', limit: 15_000 },
  },
  {
    name: 'buffer-ignored',
    what: 'a delete inside the update buffer is believed',
    patches: [
      { file: `${IN}/record.ts`, find: '  if (!insideBuffer(firesAt, at)) return true;', replace: '  if (firesAt !== "") return true;' },
    ],
    hunt: { campaign: 'exhaustive', scene: 'armed', limit: 15_000 },
  },
  {
    name: 'swept-without-close',
    what: 'inside the buffer a delete is believed although the item is not known to be closed',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: "  const closed = status.fence.token === '' && status.fence.confirmed;",
        replace: '  const closed = true;',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'made', limit: 15_000 },
  },
  {
    name: 'unsettled-ignored',
    what: 'inside the buffer a delete is believed although a PUT of the token may still arrive',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: "  return closed && !(status.fence.unsettled ?? []).includes(target.token ?? '');",
        replace: '  return closed;',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'loose', limit: 60_000 },
  },
  {
    name: 'too-late-confirmation',
    what: 'a closed item that was read inside the margin is believed to have stopped the send',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: '  if (closing && announcedInMargin(status, at)) return undefined;',
        replace: '  if (closing && announcedInMargin(status, at)) closing.valueOf();',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'amnesia', limit: 30_000 },
  },
  {
    name: 'no-lock',
    what: 'what could not be stopped in time does not count as sent',
    patches: [
      { file: `${IN}/decide.ts`, find: '  sendWentOut,\n  lockOccasion,\n', replace: '' },
      {
        file: `${IN}/view.ts`,
        find: '    return hasPassed(plusMs(at, -this.facts.settings.marginMs), this.brazeNow);',
        replace: '    return hasPassed(plusMs(at, 86_400_000), this.brazeNow);',
      },
      {
        file: `${IN}/record.ts`,
        find: 'hasPassed(plusMs(instant(firesAt), -at.settings.marginMs), at.brazeNow);',
        replace: 'hasPassed(plusMs(instant(firesAt), 86_400_000), at.brazeNow);',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'amnesia', limit: 15_000 },
  },
  {
    name: 'beside-leftovers',
    what: 'the next is created before the old id is gone',
    patches: [{ file: `${IN}/decide.ts`, find: '  scheduleIsOwned,\n  leftovers,\n', replace: '  scheduleIsOwned,\n' }],
    hunt: { campaign: 'exhaustive', scene: 'made', limit: 10_000 },
  },
  {
    name: 'late-without-proof',
    what: 'a late create is made although an earlier one may have gone out',
    patches: [
      {
        file: `${IN}/decide.ts`,
        find: "  if (view.status.occasion?.locked) {\n    const shown = working(view, 'Closing', 'An earlier",
        replace:
          "  if (view.status.occasion?.locked) {\n    if (goalOf(view).kind === 'send') return undefined;\n    const shown = working(view, 'Closing', 'An earlier",
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'released', limit: 10_000 },
  },
  {
    name: 'stored-permission',
    what: 'an intent for another occasion clears what was sent, and the match moves back',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: '  return { ...status, attempt, operation, occasion: status.occasion ?? { number: 1 },',
        replace: `  const { lastSent: _, ...open } = status;
  return { ...open, attempt, operation, occasion: status.occasion ?? { number: 1 },`,
      },
    ],
    hunt: {
      campaign: 'simulation',
      limit: 60,
      worlds: { fenced: false, twin: false, rival: false, objects: 1, leaders: 'elected', calmBeforeSend: false },
      rates: { edit: 60, delete: 0, killSwitch: 0, restore: 0 },
    },
  },
];
