/** What is known of the campaigns, and how one more look at Braze changes it. Pure. */
import { earliest, instant, isBefore, msBetween, plusMs, toText } from '../../base/instants.ts';
import type { Outcome } from '../../base/outcomes.ts';
import { campaignFence, readsSomeFence, rendersKickoff } from '../../braze/fence-template.ts';
import type { CampaignDetails } from '../../braze/types.ts';
import type { BrazeWorkspaceStatus } from '../../crds/braze-workspace.ts';
import { DELIVERY_LOOKS_MS, lookedAfter, type SendsSeen } from '../../crds/delivery.ts';
import { lookBefore } from './look-times.ts';

export type Tristate = 'True' | 'False' | 'Unknown';

/** In the words of a MatchNotification's decision. */
export interface CampaignFacts {
  readonly found: boolean;
  readonly live: Tristate;
  readonly fenced: Tristate;
  /** Unfenced only: whether a message shows the kickoff of the trigger properties. */
  readonly rendersKickoff?: Tristate;
  readonly message: string;
}

export interface CampaignMemory {
  readonly facts: CampaignFacts;
  /** Whether the workspace had a fence when it was looked at: what is right with one is wrong without. */
  readonly withFence: boolean;
  /** False while Braze never said anything of it: nothing to show, and nothing to decide from. */
  readonly heard: boolean;
  /** When Braze last told anything. */
  readonly checkedAt: Temporal.Instant;
  /** When it was last asked, whatever came of it. */
  readonly askedAt: Temporal.Instant;
  /** What the last answer in this life said of its sends. */
  readonly sends?: SendsSeen | undefined;
  /** A first look that spoiled a good value; a second one at least a minute later makes it so. */
  readonly doubtedSince: Temporal.Instant | undefined;
}

/** Between the two looks that turn a good value into `False` (design §3), and between looks at a campaign that is not as it should be. */
const SECOND_LOOK_MS = 60_000;
/** A campaign that was right is looked at again when somebody asks for it after this long. */
const STALE_MS = 3_600_000;

/** Without a fence in the workspace, a message that reads one would abort for everybody. */
export function isWell({ facts, withFence }: Pick<CampaignMemory, 'facts' | 'withFence'>): boolean {
  return facts.found && facts.live === 'True' && (withFence ? facts.fenced === 'True' : facts.fenced !== 'True');
}

/** The sends of a campaign that it is looked at for. */
export interface SendsOfCampaign {
  /** The nearest armed one. */
  readonly armed?: Temporal.Instant | undefined;
  /** Those that nobody judged yet. */
  readonly made?: readonly Temporal.Instant[] | undefined;
}

/**
 * When this campaign should be looked at again by itself. Undefined: nothing is due. Of a campaign that was stopped after a send was armed
 * Braze sends nothing, and says nothing about it.
 */
export function lookAgainAt(memory: CampaignMemory, { armed, made = [] }: SendsOfCampaign = {}): Temporal.Instant | undefined {
  if (!isWell(memory) || memory.doubtedSince !== undefined) return plusMs(memory.askedAt, SECOND_LOOK_MS);
  const before = armed && lookBefore(armed, memory.askedAt);
  const [first, ...rest] = [before, ...made.map((send) => lookAfterAt(memory, send))].filter((at) => at !== undefined);
  return first && earliest(first, ...rest);
}

/** After a send the next time is the one that no answer came after; where one was asked for and not read, a little later. */
function lookAfterAt({ sends, askedAt }: CampaignMemory, send: Temporal.Instant): Temporal.Instant | undefined {
  const next = DELIVERY_LOOKS_MS.find((ms) => !lookedAfter(sends?.at, send, ms));
  if (next === undefined) return undefined;
  const at = plusMs(send, next);
  return isBefore(askedAt, at) ? at : plusMs(askedAt, SECOND_LOOK_MS);
}

/** Whether asking for it is worth a look: unknown, or known for long. */
export function isStale(memory: CampaignMemory | undefined, now: Temporal.Instant): boolean {
  return memory === undefined || msBetween(memory.askedAt, now) >= STALE_MS;
}

export interface Look {
  readonly outcome: Outcome<CampaignDetails>;
  readonly catalog: string | undefined;
  /** `spec.fence.assumeFenced` names it. */
  readonly assumed: boolean;
  readonly at: Temporal.Instant;
}

/** What is known after one more look. */
export function learn(before: CampaignMemory | undefined, look: Look): CampaignMemory {
  const { outcome, at } = look;
  const sends = outcome.kind === 'done' ? { at, lastSent: outcome.value.lastSent } : before?.sends;
  return { ...learnFacts(before, look), sends };
}

/** What could not be told keeps the last value; what became worse needs a second look. */
function learnFacts(before: CampaignMemory | undefined, look: Look): CampaignMemory {
  const { at } = look;
  const withFence = look.catalog !== undefined;
  const told = tell(look);
  if (told === undefined) {
    const facts = before?.facts ?? { found: true, live: 'Unknown', fenced: assumedOr(look, 'Unknown'), message: untold(look.outcome) };
    const heard = before?.heard === true || saysNo(look.outcome);
    return {
      facts: assume(facts, look),
      withFence,
      heard,
      checkedAt: before?.checkedAt ?? at,
      askedAt: at,
      doubtedSince: before?.doubtedSince,
    };
  }
  const next = assume(keepUnknown(before?.facts, told), look);
  const worse = before !== undefined && before.withFence === withFence && isWell(before) && !isWell({ facts: next, withFence });
  if (worse && (before.doubtedSince === undefined || msBetween(before.doubtedSince, at) < SECOND_LOOK_MS)) {
    return { facts: before.facts, withFence, heard: true, checkedAt: at, askedAt: at, doubtedSince: before.doubtedSince ?? at };
  }
  return { facts: next, withFence, heard: true, checkedAt: at, askedAt: at, doubtedSince: undefined };
}

/** What this answer says by itself; undefined when it says nothing of the campaign. */
function tell({ outcome, catalog }: Look): CampaignFacts | undefined {
  if (outcome.kind === 'refused' && outcome.refusal.reason === 'campaign-not-found') {
    return { found: false, live: 'False', fenced: 'Unknown', message: 'Braze knows no such API-triggered campaign' };
  }
  if (outcome.kind !== 'done') return undefined;
  const { live, messages } = outcome.value;
  const liveness = live ? '' : 'it is a draft, stopped or archived; ';
  if (catalog === undefined) {
    const reads = readsSomeFence(messages);
    const message = reads.fenced === 'True' ? reads.message : `the workspace has no fence, and ${reads.message}`;
    const plain = { found: true, live: live ? 'True' : 'False', fenced: reads.fenced, message: `${liveness}${message}` } as const;
    return { ...plain, rendersKickoff: rendersKickoff(messages) };
  }
  const fence = campaignFence(messages, catalog);
  return { found: true, live: live ? 'True' : 'False', fenced: fence.fenced, message: `${liveness}${fence.message}` };
}

function keepUnknown(before: CampaignFacts | undefined, told: CampaignFacts): CampaignFacts {
  if (told.fenced !== 'Unknown' || before === undefined || !told.found || before.fenced === 'Unknown') return told;
  return {
    ...told,
    fenced: before.fenced,
    message: `${told.message} (it was ${before.fenced === 'True' ? 'fenced' : 'not fenced'} before)`,
  };
}

function assume(facts: CampaignFacts, look: Look): CampaignFacts {
  if (!look.assumed || !facts.found) return facts;
  return { ...facts, fenced: 'True', message: 'listed in spec.fence.assumeFenced' };
}

const assumedOr = (look: Look, otherwise: Tristate): Tristate => (look.assumed ? 'True' : otherwise);

/** A refusal for good, such as a missing permission: a person must hear of it. */
function saysNo(outcome: Outcome<unknown>): boolean {
  return outcome.kind === 'refused' && outcome.refusal.reason !== 'rate-limited' && outcome.refusal.reason !== 'not-sent';
}

function untold(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'refused') return outcome.refusal.message;
  return outcome.kind === 'unknown' ? outcome.message : '';
}

type Row = NonNullable<BrazeWorkspaceStatus['campaigns']>[number];

/** At most 500 rows stand in a status. */
const ROWS = 500;

export function campaignRows(campaigns: ReadonlyMap<string, CampaignMemory>): readonly Row[] {
  const rows = [...campaigns].map(([id, { facts, checkedAt }]) => {
    const kickoff = facts.rendersKickoff === undefined ? {} : { rendersKickoff: facts.rendersKickoff };
    return { id, live: facts.live, fenced: facts.fenced, ...kickoff, message: facts.message.slice(0, 1_000), checkedAt: toText(checkedAt) };
  });
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, ROWS);
}

/** What a former life of the operator knew. Only what was right is believed; the rest is looked at again. */
export function rememberedCampaigns(
  rows: readonly Row[] | undefined,
  { withFence }: { readonly withFence: boolean },
): Map<string, CampaignMemory> {
  const remembered = new Map<string, CampaignMemory>();
  for (const { id, live, fenced, message = '', checkedAt, rendersKickoff: kickoff } of rows ?? []) {
    const facts: CampaignFacts = { found: true, live, fenced, message, ...(kickoff === undefined ? {} : { rendersKickoff: kickoff }) };
    if (fenced === 'Unknown' || !isWell({ facts, withFence })) continue;
    const at = instant(checkedAt);
    remembered.set(id, { facts, withFence, heard: true, checkedAt: at, askedAt: at, doubtedSince: undefined });
  }
  return remembered;
}
