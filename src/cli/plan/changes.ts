/**
 * What the next polls of a feed would change, decided by the feed's own rules. Pure.
 *
 * The operator's memory is not seen here: knowledge begins with what the objects say, as after a restart. A move is believed when a second
 * answer says it again (contracts 2.9), so the same answer is heard three times, and what only the later ones bring is marked.
 */
import { parseDuration } from '../../base/durations.ts';
import { toText } from '../../base/instants.ts';
import type { BrazeWorkspace } from '../../crds/braze-workspace.ts';
import type { FeedField } from '../../crds/feed-fields.ts';
import { FEED_FIELDS } from '../../crds/feed-fields.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotification } from '../../crds/match-notification.ts';
import type { Hold } from '../../football-data/desired.ts';
import type { Knowledge } from '../../football-data/knowledge.ts';
import type { Fixture } from '../../football-data/types.ts';
import { differences } from '../../reconcilers/fixture-feed/differs.ts';
import { guard } from '../../reconcilers/fixture-feed/guard.ts';
import { type Known, learn } from '../../reconcilers/fixture-feed/learn.ts';
import { type Plan, type PlannedApply, plan } from '../../reconcilers/fixture-feed/plan.ts';
import { seedFrom } from '../../reconcilers/fixture-feed/seed.ts';
import { twinHold, twinsOf } from '../../reconcilers/fixture-feed/twins.ts';
import type { FeedSpec } from '../../reconcilers/fixture-feed/wish.ts';
import { wishFor } from '../../reconcilers/fixture-feed/wish.ts';
import { takenFields } from '../owners.ts';
import { meaningAtBraze } from './meaning.ts';

/** A hold near the send needs three. */
const SIGHTINGS = 3;

export interface FieldChange {
  readonly field: FeedField | 'metadata';
  readonly from?: string;
  readonly to?: string;
}

export interface Change {
  readonly name: string;
  readonly fixture: string;
  readonly isNew: boolean;
  /** False: it takes another answer that says the same, which is asked for seconds later. */
  readonly atNextPoll: boolean;
  readonly fields: readonly FieldChange[];
  /** What the feed would set and somebody owns: left alone. */
  readonly kept: readonly { readonly field: FeedField; readonly manager: string; readonly wouldBe?: string }[];
  readonly braze: string;
}

export interface Changes {
  readonly changes: readonly Change[];
  /** Why none of them would be applied before a person approves them. */
  readonly stopped?: string;
}

export interface ChangesInput {
  readonly feed: FixtureFeed;
  /** The objects that the feed made. */
  readonly own: readonly MatchNotification[];
  readonly rows: readonly Fixture[];
  readonly workspace: BrazeWorkspace | undefined;
  readonly now: Temporal.Instant;
}

export function changesOf(input: ChangesInput): Changes {
  const { feed, own, rows, now } = input;
  const options = { now, leadTimeMs: parseDuration(feed.spec.leadTime) };
  const seeds: Known = new Map(own.map((object) => [object.spec.match.id, seedFrom(object)]));
  const once = learn(seeds, rows, options);
  let surely = once;
  for (let sighting = 2; sighting <= SIGHTINGS; sighting += 1) surely = learn(surely, rows, options);
  const soon = new Map(planFor(input, once).applies.map((apply) => [apply.wish.matchId, apply.hash]));
  const planned = planFor(input, surely);
  const stopped = guard({ feed, applies: planned.applies, objects: planned.objects })?.message;
  const changes = planned.applies.flatMap((apply) => changeOf(input, apply, soon.get(apply.wish.matchId) === apply.hash) ?? []);
  return { changes, ...(stopped === undefined ? {} : { stopped }) };
}

function planFor({ feed, own, now }: ChangesInput, known: Known): Plan {
  const byMatch = new Map(own.map((object) => [object.spec.match.id, object]));
  const twins = twinsOf(known, { shown: (id) => byMatch.get(id), missing: new Set() });
  const doubt = ({ id }: Knowledge): Hold | undefined => {
    const twin = twins.get(id);
    return twin === undefined ? undefined : twinHold(twin);
  };
  return plan({ feed, known, shown: (id) => byMatch.get(id), settled: new Map(), now, doubt });
}

function changeOf(input: ChangesInput, apply: PlannedApply, atNextPoll: boolean): Change | undefined {
  const { feed, now, workspace } = input;
  const { shown, known, doubt, names } = apply;
  const taken = shown === undefined ? [] : takenFields(shown);
  const left = new Set(taken.map(({ field }) => `.spec.${field}`));
  const body = (left.size === 0 ? apply.wish : wishFor({ feed, known, now, shown, left, doubt, names }))?.body;
  const paths = shown === undefined || body === undefined ? [] : differences(shown, body).filter((path) => !left.has(path));
  const kept = taken.filter(({ field }) => apply.changes.includes(`.spec.${field}`));
  if (shown !== undefined && paths.length === 0 && kept.length === 0) return undefined;
  const wanted: FeedSpec = body?.spec ?? {};
  return {
    name: apply.wish.body.metadata.name,
    fixture: [known.home.value.name, known.away.value.name].map((side) => side ?? 'to be decided').join(' v '),
    isNew: shown === undefined,
    atNextPoll,
    fields: shown === undefined ? newFields(wanted) : changedFields(paths, shown.spec, wanted),
    kept: kept.map(({ field, manager }) => ({ field, manager, ...valued('wouldBe', apply.wish.body.spec[field]) })),
    braze: meaningAtBraze({ shown, wanted, workspace, now }),
  };
}

const newFields = (wanted: FeedSpec): readonly FieldChange[] =>
  (['kickoff', 'sendAt', 'hold'] as const)
    .filter((field) => wanted[field] !== undefined)
    .map((field) => ({ field, ...valued('to', wanted[field]) }));

function changedFields(paths: readonly string[], before: FeedSpec, wanted: FeedSpec): readonly FieldChange[] {
  const fields = FEED_FIELDS.filter((field) => paths.includes(`.spec.${field}`));
  const changed = fields.map((field): FieldChange => ({ field, ...valued('from', before[field]), ...valued('to', wanted[field]) }));
  return paths.some((path) => path.startsWith('.metadata')) ? [...changed, { field: 'metadata' }] : changed;
}

function valued<Key extends string>(key: Key, value: unknown): { readonly [K in Key]?: string } {
  const text = inWords(value);
  const found: { [K in Key]?: string } = {};
  if (text !== undefined) found[key] = text;
  return found;
}

/** A value in one line: a hold by its reason, the teams by their names. */
function inWords(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Temporal.Instant) return toText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('reason' in value) return String(value.reason);
  return JSON.stringify(value);
}
