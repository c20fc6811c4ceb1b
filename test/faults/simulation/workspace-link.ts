/**
 * What one life knows of one workspace: the real client, budgets, gate, clock and fence on a simulated wire. It stands for the
 * BrazeWorkspace's own reconciler: looks a campaign up when somebody asks for it and after its sends, probes once a minute while the key is refused, and asks
 * for Braze's clock when a send is near.
 */
import type { Clock } from '../../../src/base/clock.ts';
import { WindowBudgets } from '../../../src/braze/budgets.ts';
import { BrazeClient } from '../../../src/braze/client.ts';
import { SampledBrazeClock } from '../../../src/braze/clock.ts';
import { CatalogFence } from '../../../src/braze/fence.ts';
import { CATALOG_FIELDS } from '../../../src/braze/fence-item.ts';
import { campaignFence, readsSomeFence, rendersKickoff } from '../../../src/braze/fence-template.ts';
import type { CampaignDetails, Fence } from '../../../src/braze/types.ts';
import type { BrazeWorkspace } from '../../../src/crds/braze-workspace.ts';
import { DELIVERY_LOOKS_MS, lookedAfter, type SendsSeen, type UnjudgedSend } from '../../../src/crds/delivery.ts';
import { limitsOf, settingsOf } from '../../../src/reconcilers/braze-workspace/settings.ts';
import type { CampaignFacts } from '../../../src/reconcilers/match-notification/facts.ts';
import type { UnusableWorkspace, UsableWorkspace } from '../../../src/reconcilers/match-notification/ports.ts';
import { CATALOG } from './braze-routes.ts';
import type { BrazeWire } from './braze-wire.ts';

export interface LinkOptions {
  readonly wire: (onDate: (sample: Parameters<SampledBrazeClock['sample']>[0]) => void) => BrazeWire;
  readonly clock: Clock;
  readonly mayStart: (callMs: number) => boolean;
  readonly workspace: () => BrazeWorkspace | undefined;
  readonly longestCallMs: number;
  readonly wake: () => void;
  /** When the next send is due, on the machine's clock. */
  readonly nextSendMs: () => number;
  /** Sends that nobody judged yet. */
  readonly unjudged: () => readonly UnjudgedSend[];
  /** Every write of an item that is asked for, before it travels. */
  readonly onPut: (item: { readonly id: string; readonly token: string }) => void;
}

const PROBE_MS = 60_000;
const LOOK_AGAIN_MS = 30_000;
const CLOCK_WANTED_MS = 9 * 60_000;
const CLOCK_AGAIN_MS = 2_000;

export class WorkspaceLink {
  readonly wire: BrazeWire;
  readonly #options: LinkOptions;
  readonly #client: BrazeClient;
  readonly #budgets: WindowBudgets;
  readonly #brazeClock = new SampledBrazeClock();
  readonly #fence: CatalogFence;
  readonly #campaigns = new Map<string, CampaignFacts>();
  readonly #asked = new Set<string>();
  readonly #sends = new Map<string, SendsSeen>();
  readonly #lookingAfter = new Set<string>();
  #probing = false;
  #clockWanted = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { clock, mayStart } = options;
    const limits = () => limitsOf(this.#spec());
    this.#budgets = new WindowBudgets({ clock, brazeClock: this.#brazeClock, limits });
    this.wire = options.wire((sample) => void this.#brazeClock.sample(sample));
    this.#client = new BrazeClient({
      transport: this.wire,
      clock,
      apiKey: () => 'simulated',
      timeoutMs: () => settingsOf(this.#spec(), options.longestCallMs).requestTimeoutMs,
      mayStart,
      brazeOffsetMs: () => this.#brazeClock.reading()?.offsetMs ?? 0,
      onRateLimit: ({ buckets, audience, blockedUntil }) => {
        if (blockedUntil !== undefined) this.#budgets.blocked(buckets, blockedUntil, audience);
      },
    });
    const fields = new Set(CATALOG_FIELDS.map(({ name }) => name));
    this.#fence = new CatalogFence({
      braze: this.#client,
      budgets: this.#budgets,
      catalog: CATALOG,
      fields: () => fields,
      now: () => clock.now(),
    });
  }

  lookup(name: string): UsableWorkspace | UnusableWorkspace {
    const workspace = this.#options.workspace();
    if (workspace === undefined) {
      const message = `There is no BrazeWorkspace "${name}".`;
      return { kind: 'unusable', problem: { reason: 'WorkspaceNotFound', message, stalled: true }, settings: undefined, fenced: undefined };
    }
    const settings = settingsOf(workspace.spec, this.#options.longestCallMs);
    const { stopped } = this.#client;
    if (stopped !== undefined) {
      this.#probeLater();
      const problem = { reason: 'Unauthorized', message: 'Braze refuses the API key.', stalled: true };
      return { kind: 'unusable', problem, settings, fenced: workspace.spec.fence !== undefined };
    }
    return {
      kind: 'usable',
      settings,
      braze: this.#client,
      fence: workspace.spec.fence === undefined ? undefined : this.#watchedFence(),
      budgets: this.#budgets,
      clock: { reading: () => this.#readClock() },
      campaign: (id) => this.#campaign(id),
      sends: (id) => this.#sendsOf(id),
    };
  }

  #spec(): BrazeWorkspace['spec'] {
    const workspace = this.#options.workspace();
    if (workspace === undefined) throw new Error('the workspace was there a moment ago');
    return workspace.spec;
  }

  #watchedFence(): Fence {
    const { onPut } = this.#options;
    return {
      put: (item, urgency) => {
        onPut(item);
        return this.#fence.put(item, urgency);
      },
      read: (id, urgency) => this.#fence.read(id, urgency),
      delete: (ids) => this.#fence.delete(ids),
    };
  }

  #campaign(id: string): CampaignFacts | undefined {
    if (!this.#campaigns.has(id) && !this.#asked.has(id)) {
      this.#asked.add(id);
      void this.#look(id);
    }
    return this.#campaigns.get(id);
  }

  async #look(id: string): Promise<void> {
    const outcome = await this.#client.campaignDetails(id);
    if (outcome.kind === 'done') this.#campaigns.set(id, this.#factsOf(outcome.value));
    else setTimeout(() => this.#asked.delete(id), LOOK_AGAIN_MS);
    setTimeout(() => this.#options.wake(), outcome.kind === 'done' ? 0 : LOOK_AGAIN_MS + 1);
  }

  #sendsOf(id: string): SendsSeen | undefined {
    const { clock, unjudged } = this.#options;
    const now = clock.now().epochMilliseconds;
    const dues = unjudged().flatMap(({ campaignId, firesAt }) => {
      const next = DELIVERY_LOOKS_MS.find((ms) => !lookedAfter(this.#sends.get(id)?.at, firesAt, ms));
      return campaignId === id && next !== undefined ? [firesAt.epochMilliseconds + next] : [];
    });
    const due = Math.min(...dues);
    if (Number.isFinite(due) && !this.#lookingAfter.has(id)) {
      this.#lookingAfter.add(id);
      // One that was due long ago was asked for and not answered.
      setTimeout(() => void this.#lookAfter(id), due > now ? due - now : LOOK_AGAIN_MS);
    }
    return this.#sends.get(id);
  }

  async #lookAfter(id: string): Promise<void> {
    const outcome = await this.#client.campaignDetails(id);
    if (outcome.kind === 'done') this.#sends.set(id, { at: this.#options.clock.now(), lastSent: outcome.value.lastSent });
    this.#lookingAfter.delete(id);
    this.#options.wake();
  }

  #factsOf({ live, messages }: CampaignDetails): CampaignFacts {
    const fenced = this.#spec().fence !== undefined;
    const verdict = fenced ? campaignFence(messages, CATALOG) : readsSomeFence(messages);
    const facts = { found: true, live: live ? 'True' : 'False', fenced: verdict.fenced, message: verdict.message } as const;
    return fenced ? facts : { ...facts, rendersKickoff: rendersKickoff(messages) };
  }

  #probeLater(): void {
    if (this.#probing) return;
    this.#probing = true;
    setTimeout(() => void this.#probe(), PROBE_MS + 1_000);
  }

  async #probe(): Promise<void> {
    await this.#client.campaignDetails('probe');
    this.#probing = false;
    this.#options.wake();
  }

  /** Braze's clock; when it is not known, the campaigns are asked once for its sake. */
  #readClock(): ReturnType<SampledBrazeClock['reading']> {
    const reading = this.#brazeClock.reading();
    const now = this.#options.clock.now().epochMilliseconds;
    const known = reading !== undefined && now - reading.at.epochMilliseconds < CLOCK_WANTED_MS;
    if (!known && !this.#clockWanted && this.#options.nextSendMs() < now + settingsOf(this.#spec(), 0).updateBufferMs + CLOCK_WANTED_MS) {
      this.#clockWanted = true;
      setTimeout(() => void this.#askClock());
    }
    return reading;
  }

  async #askClock(): Promise<void> {
    const outcome = await this.#client.campaignDetails('clock');
    setTimeout(
      () => {
        this.#clockWanted = false;
        this.#options.wake();
      },
      outcome.kind === 'done' ? 0 : CLOCK_AGAIN_MS,
    );
  }
}
