/** The overview for people. Pure. */
import { instant, msBetween, toClock } from '../../base/instants.ts';
import { clip, relative, span, table } from '../spoken.ts';
import type { FeedLine, Overview, Send, WorkspaceLine } from './overview.ts';
import type { Problem } from './problems.ts';

const SENDS = { text: 10, wide: 100 } as const;

export interface TextOptions {
  readonly now: Temporal.Instant;
  readonly wide: boolean;
  /** All namespaces: each line says its own. */
  readonly namespaces: boolean;
}

export function overviewText({ problems, sends, feeds, workspaces }: Overview, options: TextOptions): string {
  const sections = [
    problems.length === 0 ? 'Nothing needs you.' : `NEEDS SOMEBODY\n${problems.map((each) => problemText(each, options)).join('\n')}`,
    sends.length === 0 ? 'No send is ahead.' : sendTable(sends, options),
    feeds.length === 0 ? 'There is no FixtureFeed.' : feedTable(feeds, options),
    workspaces.length === 0 ? 'There is no BrazeWorkspace: nothing can be sent.' : workspaceTable(workspaces, options),
  ];
  return sections.join('\n\n');
}

function problemText({ namespace, object, reason, sendAt, message, next }: Problem, { now, wide, namespaces }: TextOptions): string {
  const send = sendAt === undefined ? '' : `   send ${relative(instant(sendAt), now)}`;
  const says = wide ? message : clip(message, 160);
  return [
    `${namespaces ? `${namespace}/` : ''}${object}   ${reason}${send}`,
    `    ${says}`,
    ...(next === undefined ? [] : [`    → ${next}`]),
  ].join('\n');
}

function sendTable(all: readonly Send[], { now, wide, namespaces }: TextOptions): string {
  const sends = all.slice(0, wide ? SENDS.wide : SENDS.text);
  const head = ['NEXT SENDS', 'FIXTURE', 'SEND AT', 'IN', 'PHASE', 'READY', 'TAKEN', ...(wide ? ['REASON', 'KICKOFF'] : [])];
  const rows = sends.map(({ namespace, name, fixture, sendAt, phase, ready, taken, reason, kickoff }) => [
    namespaces ? `${namespace}/${name}` : name,
    clip(fixture, 48),
    toClock(instant(sendAt)),
    span(msBetween(now, instant(sendAt))),
    phase,
    ready,
    taken.join(', '),
    ...(wide ? [reason, toClock(instant(kickoff))] : []),
  ]);
  const more = all.length - sends.length;
  return more === 0 ? table(head, rows) : `${table(head, rows)}\nand ${more} more${wide ? '' : ' (-o wide shows up to 100)'}`;
}

function feedTable(feeds: readonly FeedLine[], { now, namespaces }: TextOptions): string {
  const head = ['FEED', 'COMPETITION', 'READ', 'READY', 'REASON', 'FIXTURES', 'APPLIED', 'HELD', 'CONFLICTS'];
  const rows = feeds.map(({ namespace, name, competition, lastSuccessAt, ready, reason, ...counts }) => [
    namespaces ? `${namespace}/${name}` : name,
    competition,
    lastSuccessAt === undefined ? 'never' : relative(instant(lastSuccessAt), now),
    ready,
    reason,
    ...[counts.fixtures, counts.applied, counts.held, counts.conflicts].map(String),
  ]);
  return table(head, rows);
}

function workspaceTable(workspaces: readonly WorkspaceLine[], { namespaces, wide }: TextOptions): string {
  const head = ['WORKSPACE', 'ENDPOINT', 'FENCE', 'READY', 'REASON', 'CAMPAIGNS'];
  const rows = workspaces.map(({ namespace, name, endpoint, fence, ready, reason, campaigns }) => [
    namespaces ? `${namespace}/${name}` : name,
    endpoint,
    fence,
    ready,
    reason,
    wide ? campaigns.map(({ id, live, fenced }) => `${id} (live ${live}, fenced ${fenced})`).join(', ') : String(campaigns.length),
  ]);
  return table(head, rows);
}
