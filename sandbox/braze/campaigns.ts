/**
 * Campaigns, canvases and the few people who live in them. A campaign's segment is its list of users; each user gets one variant of the
 * message on each of its channels.
 */
export interface User {
  /** `external_user_id`. */
  readonly id: string;
  readonly brazeId: string;
  readonly email: string;
  readonly aliases: readonly { readonly alias_name: string; readonly alias_label: string }[];
  readonly timeZone: string;
  /** The local hour at which `at_optimal_time` reaches this user. */
  readonly optimalHour: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** One message variation: Liquid in each of its fields (`title`, `alert`, …). */
export interface Message {
  readonly id: string;
  readonly channel: string;
  readonly variant: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Campaign {
  readonly id: string;
  readonly kind: 'campaign' | 'canvas';
  readonly name: string;
  /** Only `api-triggered` works with the schedule calls; an "API campaign" is another thing (contracts 1.2). */
  readonly type: 'api-triggered' | 'api' | 'scheduled';
  enabled: boolean;
  draft: boolean;
  archived: boolean;
  readonly tags: readonly string[];
  messages: readonly Message[];
  users: readonly User[];
  reEligibility: { readonly enabled: boolean; readonly windowMs: number };
  firstSentMs: number | undefined;
  lastSentMs: number | undefined;
  readonly createdMs: number;
}

/** A campaign as a test or a demo writes it: an id and a template are enough. */
export interface CampaignSpec {
  readonly id: string;
  readonly kind?: Campaign['kind'];
  readonly name?: string;
  readonly type?: Campaign['type'];
  readonly enabled?: boolean;
  readonly draft?: boolean;
  readonly archived?: boolean;
  readonly tags?: readonly string[];
  /** Shorthand for one push message with this alert. */
  readonly template?: string;
  readonly messages?: readonly Message[];
  /** Ids, or whole users; the default is five people in five time zones. */
  readonly users?: readonly (string | (Partial<User> & { readonly id: string }))[];
  /** On with a 0-minute window unless said otherwise: contracts 1.7 demands it of a match campaign. */
  readonly reEligibility?: Campaign['reEligibility'];
}

export type CampaignChange = Partial<
  Pick<CampaignSpec, 'enabled' | 'draft' | 'archived' | 'template' | 'messages' | 'users' | 'reEligibility'>
>;

const ZONES = ['Europe/London', 'UTC', 'America/New_York', 'Asia/Riyadh', 'Asia/Tokyo'] as const;
const DEFAULT_USERS = ['fan-1', 'fan-2', 'fan-3', 'fan-4', 'fan-5'] as const;

function user(spec: string | (Partial<User> & { readonly id: string }), index: number): User {
  const given = typeof spec === 'string' ? { id: spec } : spec;
  return {
    brazeId: `braze-${given.id}`,
    email: `${given.id}@fans.example`,
    aliases: [],
    timeZone: ZONES[index % ZONES.length] ?? 'UTC',
    optimalHour: 18,
    attributes: {},
    ...given,
  };
}

const oneMessage = (template: string): readonly Message[] => [
  { id: 'message-1', channel: 'ios_push', variant: 'Variant 1', fields: { alert: template } },
];

const people = (users: CampaignSpec['users']): readonly User[] => (users ?? DEFAULT_USERS).map(user);

export function campaignOf(spec: CampaignSpec, nowMs: number): Campaign {
  return {
    id: spec.id,
    kind: spec.kind ?? 'campaign',
    name: spec.name ?? `Campaign ${spec.id}`,
    type: spec.type ?? 'api-triggered',
    enabled: spec.enabled ?? true,
    draft: spec.draft ?? false,
    archived: spec.archived ?? false,
    tags: spec.tags ?? [],
    messages: spec.messages ?? oneMessage(spec.template ?? ''),
    users: people(spec.users),
    reEligibility: spec.reEligibility ?? { enabled: true, windowMs: 0 },
    firstSentMs: undefined,
    lastSentMs: undefined,
    createdMs: nowMs,
  };
}

export function changeCampaign(campaign: Campaign, change: CampaignChange): void {
  if (change.enabled !== undefined) campaign.enabled = change.enabled;
  if (change.draft !== undefined) campaign.draft = change.draft;
  if (change.archived !== undefined) campaign.archived = change.archived;
  if (change.template !== undefined) campaign.messages = oneMessage(change.template);
  if (change.messages !== undefined) campaign.messages = change.messages;
  if (change.users !== undefined) campaign.users = people(change.users);
  if (change.reEligibility !== undefined) campaign.reEligibility = change.reEligibility;
}

/** A campaign sends only while it runs. */
export const isLive = (campaign: Campaign): boolean => campaign.enabled && !campaign.draft && !campaign.archived;
