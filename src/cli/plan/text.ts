/** The plan for people. Pure. */
import { pairs } from '../spoken.ts';
import type { Change, Changes, FieldChange } from './changes.ts';

export interface FeedPlan extends Changes {
  readonly namespace: string;
  readonly feed: string;
  /** Fixtures in the answer; absent when nobody was asked. */
  readonly read?: number;
  readonly objects: number;
}

export function planText(plans: readonly FeedPlan[]): string {
  return plans.length === 0 ? 'There is no FixtureFeed here.' : plans.map(feedText).join('\n\n');
}

function feedText({ namespace, feed, read, objects, changes, stopped }: FeedPlan): string {
  const source = read === undefined ? 'nobody asked' : `${read} fixtures read`;
  const what = changes.length === 0 ? 'no change' : `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}`;
  return [
    `FixtureFeed ${namespace}/${feed}: ${what} (${source}, ${objects} objects)`,
    ...(stopped === undefined ? [] : [`  STOPS: ${stopped}`]),
    ...changes.map(changeText),
  ].join('\n');
}

function changeText(change: Change): string {
  const { name, fixture, isNew, atNextPoll, fields, kept, braze } = change;
  const rows: (readonly [string, string])[] = [
    ...fields.map((each): readonly [string, string] => [each.field, arrow(each)]),
    ...kept.map(({ field, manager, wouldBe }): readonly [string, string] => [
      field,
      `stays: ${manager} owns it${wouldBe === undefined ? '' : ` (the feed would set ${wouldBe})`}; matchday release ${name} gives it back`,
    ]),
    ...(atNextPoll ? [] : [['when', 'once another answer says the same, asked for seconds later'] as const]),
    ['Braze', braze],
  ];
  return `${isNew ? '+' : '~'} ${name}   ${fixture}\n${pairs(rows, '    ')}`;
}

function arrow({ field, from, to }: FieldChange): string {
  if (field === 'metadata') return 'labels or finalizer put right';
  if (from === undefined) return to ?? '';
  return `${from} → ${to ?? 'none'}`;
}
