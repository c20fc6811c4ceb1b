/** The import for people. Pure. */
import { toClock } from '../../base/instants.ts';
import type { OldRow } from '../../ledger/old-system.ts';
import { clip, table } from '../spoken.ts';
import type { Judged, Verdict } from './judge.ts';

export interface MatchReport extends Judged {
  readonly match: string;
  readonly object: string;
  readonly fixture: string;
  readonly rows: readonly OldRow[];
}

export interface ImportReport {
  readonly applied: boolean;
  readonly matches: readonly MatchReport[];
  /** Why `--apply` does nothing. */
  readonly obstacles: readonly string[];
}

/** What a person must see stands last, next to the prompt. */
const ORDER: readonly Verdict[] = ['done', 'over', 'sent', 'adopt', 'new', 'no-fixture', 'unresolved'];

export function reportText({ applied, matches, obstacles }: ImportReport): string {
  const sorted = matches.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  const counts = ORDER.map((verdict) => [verdict, matches.filter((match) => match.verdict === verdict).length] as const);
  const counted = counts.flatMap(([verdict, count]) => (count === 0 ? [] : [`${count} ${verdict}`])).join(', ');
  return [
    ...(matches.length === 0 ? [] : [table(['MATCH', 'OBJECT', 'FIXTURE', 'OLD ROWS', 'VERDICT', 'WHAT'], sorted.map(line))]),
    `${matches.length} matches: ${counted === '' ? 'nothing to import' : counted}.`,
    ...obstacles.map((each) => `STOPS: ${each}.`),
    applied ? 'Applied.' : 'Nothing is written without --apply.',
  ].join('\n');
}

const line = ({ match, object, fixture, rows, verdict, says }: MatchReport): readonly string[] => [
  match,
  object,
  clip(fixture, 40),
  rows.map(({ scheduleId, status, sendAt }) => `${scheduleId || '(no id)'} ${status} ${sendAt ? toClock(sendAt) : '?'}`).join('; '),
  verdict,
  says,
];
