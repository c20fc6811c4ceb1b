/** What the drift drill is made of: hands that change in Braze what the operator left there, and what it was seen to say of it. */
import { DEFAULT_API_KEY, fencedTemplate, UNFENCED_TEMPLATE } from '../../sandbox/braze/index.ts';
import type { Stack } from '../../sandbox/stack/index.ts';
import type { MatchNotification } from '../../src/crds/match-notification.ts';
import { armed, itemOf } from './support.ts';

const CATALOG = 'matchday';

/** An armed send and what belongs to it in Braze. */
export interface Send {
  readonly name: string;
  readonly campaignId: string;
  readonly item: string;
  readonly scheduleId: string;
}

export async function armedSend(stack: Stack, match: string, kickoff: Temporal.Instant): Promise<Send> {
  const campaignId = stack.campaign();
  const object = await armed(stack, { match, campaignId, kickoff });
  const scheduleId = object.status?.schedule?.id;
  if (scheduleId === undefined) throw new Error(`${object.metadata.name} is armed without a schedule`);
  return { name: object.metadata.name, campaignId, item: itemOf(object), scheduleId };
}

export type Hand = (stack: Stack, send: Send) => Promise<void> | void;

const edit =
  (change: Readonly<Record<string, string>>): Hand =>
  ({ braze }, { item }) =>
    braze.setItem(CATALOG, item, { ...braze.item(CATALOG, item), ...change });

/** In Braze, by somebody who has a key or the dashboard. */
export const tamper = {
  deleteItem: ({ braze }, { item }) => braze.setItem(CATALOG, item, undefined),
  closeItem: edit({ token: '', state: 'closed' }),
  changeToken: edit({ token: 'somebody-else' }),
  changeNames: edit({ home: 'Somebody FC' }),
  deleteSchedule: async ({ braze }, { campaignId, scheduleId }) => {
    const response = await fetch(`${braze.url}/campaigns/trigger/schedule/delete`, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEFAULT_API_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ campaign_id: campaignId, schedule_id: scheduleId }),
    });
    if (!response.ok) throw new Error(`Braze would not delete ${scheduleId}: ${response.status}`);
  },
  stopCampaign: ({ braze }, { campaignId }) => braze.stopCampaign(campaignId),
  removeFence: ({ braze }, { campaignId }) => braze.changeCampaign(campaignId, { template: UNFENCED_TEMPLATE }),
} as const satisfies Readonly<Record<string, Hand>>;

/** What a person does about it who read the condition. */
export const mend = {
  startCampaign: ({ braze }, { campaignId }) => braze.changeCampaign(campaignId, { enabled: true }),
  pasteFence: ({ braze }, { campaignId }) => braze.changeCampaign(campaignId, { template: fencedTemplate(CATALOG) }),
  suspendAndResume: async (stack, { name }) => {
    await suspend(stack, name, true);
    await stack.notifications.waitFor(name, ({ status }) => status?.phase === 'Held' && status.obsolete === undefined);
    await suspend(stack, name, false);
    await stack.notifications.waitFor(name, ({ status }) => status?.phase === 'Scheduled' && status.fence?.confirmed === true);
  },
} as const satisfies Readonly<Record<string, Hand>>;

async function suspend(stack: Stack, name: string, value: boolean): Promise<void> {
  await stack.kubectlOrThrow(['patch', 'mn', name, '--type', 'merge', '-p', JSON.stringify({ spec: { suspend: value } })]);
}

export interface Sighting {
  readonly message: string;
  /** On the operator's clock. */
  readonly at: Temporal.Instant;
  readonly phase: string | undefined;
}

/** Every drift that an object was ever seen to say, also one that was over a moment later. */
export class Sightings implements Disposable {
  readonly #seen = new Map<string, Sighting>();
  readonly #forget: () => void;

  constructor({ notifications }: Stack) {
    this.#forget = notifications.onChange((_before, after) => after && this.#look(after));
  }

  /** The first of this kind. */
  of(name: string, kind: string): Sighting | undefined {
    return this.#seen.get(`${name} ${kind}`);
  }

  kindsOf(name: string): readonly string[] {
    return [...this.#seen.keys()].filter((key) => key.startsWith(`${name} `)).map((key) => key.slice(name.length + 1));
  }

  #look({ metadata: { name }, status }: MatchNotification): void {
    const drifted = status?.conditions?.find(({ type }) => type === 'Drifted');
    if (drifted === undefined || this.of(name, drifted.reason) !== undefined) return;
    const at = Temporal.Instant.from(drifted.lastTransitionTime);
    this.#seen.set(`${name} ${drifted.reason}`, { message: drifted.message, at, phase: status?.phase });
  }

  [Symbol.dispose](): void {
    this.#forget();
  }
}

interface EventRow {
  readonly regarding: { readonly name: string };
  readonly reason: string;
  readonly note: string;
}

/** Notes of the events of one object, by reason. */
export async function notesOf(stack: Stack, name: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { items } = JSON.parse(await stack.kubectlOrThrow(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: readonly EventRow[] };
  const notes: Record<string, string[]> = {};
  for (const { regarding, reason, note } of items) if (regarding.name === name) notes[reason] = [...(notes[reason] ?? []), note];
  return notes;
}

/** The first line of what the first fan read. */
export function readBy({ braze }: Stack, { item }: Send): string | undefined {
  return braze.deliveries({ notification: item })[0]?.messages[0]?.fields['alert']?.trim();
}
