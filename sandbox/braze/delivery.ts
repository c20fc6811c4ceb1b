/**
 * The send: at a schedule's time the campaign's templates are rendered for each user, and what came of it is written down. This record is
 * the oracle of every test: how many times was user u told about match m.
 */
import type { Agenda } from './agenda.ts';
import { type Target, targetsOf } from './audience.ts';
import { type Campaign, isLive, type Message } from './campaigns.ts';
import type { Catalogs } from './catalogs.ts';
import type { ConnectedContent } from './connected-content.ts';
import { type Json, textOf } from './json.ts';
import type { BrazeLiquid, Rendered } from './liquid.ts';
import type { RenderWorld } from './liquid-world.ts';
import type { BrazeOptions } from './options.ts';
import { fireTimeOf } from './schedule-time.ts';
import { holds, type Part, type Schedule } from './schedules.ts';

export interface DeliveredMessage {
  readonly messageId: string;
  readonly channel: string;
  readonly variant: string;
  readonly outcome: 'delivered' | 'aborted' | 'render-error';
  /** The rendered fields, or why there are none. */
  readonly fields: Readonly<Record<string, string>>;
  readonly reason: string;
}

/** What became of one schedule for one user. */
export interface Delivery {
  readonly scheduleId: string;
  readonly dispatchId: string;
  readonly sendId: string;
  readonly campaignId: string;
  readonly user: string;
  /** `notification` and `token` of the trigger properties: the item that the fence read, and the create call. */
  readonly notification: string | undefined;
  readonly token: string | undefined;
  readonly properties: Json;
  /** The schedule's time, and when this user's turn came; epoch milliseconds. */
  readonly firedMs: number;
  readonly renderedMs: number;
  /** `delivered` when at least one message was. `not-eligible`: re-eligibility; `campaign-stopped`: nobody sends for it. */
  readonly outcome: 'delivered' | 'aborted' | 'render-error' | 'not-eligible' | 'campaign-stopped';
  readonly reason: string;
  readonly messages: readonly DeliveredMessage[];
}

export class Sender {
  readonly deliveries: Delivery[] = [];
  readonly #agenda: Agenda;
  readonly #options: BrazeOptions;
  readonly #catalogs: Catalogs;
  readonly #liquid: BrazeLiquid;
  readonly #content: ConnectedContent;
  /** When a user last got a message of a campaign: re-eligibility. */
  readonly #lastGot = new Map<string, number>();

  constructor(wiring: { agenda: Agenda; options: BrazeOptions; catalogs: Catalogs; liquid: BrazeLiquid; content: ConnectedContent }) {
    this.#agenda = wiring.agenda;
    this.#options = wiring.options;
    this.#catalogs = wiring.catalogs;
    this.#liquid = wiring.liquid;
    this.#content = wiring.content;
  }

  clear(): void {
    this.deliveries.length = 0;
    this.#lastGot.clear();
  }

  /** Renders for those users of a part whose time this is: at once, or spread over `sendDurationMs`. */
  fire(schedule: Schedule, part: Part, firedMs: number): void | Promise<void> {
    const targets = targetsOf(schedule.audience, schedule.campaign.users, schedule.properties);
    const due = targets
      .map((target, index) => ({ target, place: (index + 0.5) / targets.length, variant: index }))
      .filter(({ target }) => fireTimeOf(part.when, target.user) === firedMs);
    const turn = (one: (typeof due)[number], renderedMs: number) => {
      if (!holds(part, one.place) || schedule.reached.has(one.target.user.id)) return undefined;
      schedule.reached.add(one.target.user.id);
      return this.#reach({ schedule, target: one.target, variant: one.variant, firedMs, renderedMs });
    };
    if (this.#options.sendDurationMs === 0) return inOrder(due.map((one) => () => turn(one, firedMs)));
    const step = this.#options.sendDurationMs / Math.max(1, due.length - 1);
    due.forEach((one, index) => {
      const atMs = firedMs + Math.round(index * step);
      this.#agenda.at(atMs, () => turn(one, atMs));
    });
  }

  #reach(turn: { schedule: Schedule; target: Target; variant: number; firedMs: number; renderedMs: number }): void | Promise<void> {
    const { campaign } = turn.schedule;
    const bar = this.#bar(campaign, turn.target.user.id, turn.renderedMs);
    if (bar !== undefined) return this.#record(turn, bar, []);
    const done = this.#renderAll(this.#messagesFor(campaign, turn.variant), turn);
    return done instanceof Promise ? done.then((messages) => this.#conclude(turn, messages)) : this.#conclude(turn, done);
  }

  #bar(campaign: Campaign, user: string, atMs: number): 'not-eligible' | 'campaign-stopped' | undefined {
    if (!isLive(campaign)) return 'campaign-stopped';
    const last = this.#lastGot.get(`${campaign.id}|${user}`);
    if (last === undefined) return undefined;
    const { enabled, windowMs } = campaign.reEligibility;
    return enabled && atMs >= last + windowMs ? undefined : 'not-eligible';
  }

  /** One variant per user, on each of its channels. */
  #messagesFor(campaign: Campaign, index: number): readonly Message[] {
    const variants = [...new Set(campaign.messages.map((message) => message.variant))];
    const mine = variants[index % Math.max(1, variants.length)];
    return campaign.messages.filter((message) => message.variant === mine);
  }

  #renderAll(
    messages: readonly Message[],
    turn: { schedule: Schedule; target: Target; renderedMs: number },
  ): readonly DeliveredMessage[] | Promise<readonly DeliveredMessage[]> {
    const world = this.#renderWorld(turn.schedule.campaign, turn.target, turn.renderedMs);
    const results = messages.map((message) => this.#renderMessage(message, world));
    const settled = results.filter((result): result is DeliveredMessage => !(result instanceof Promise));
    return settled.length === results.length ? settled : Promise.all(results);
  }

  #renderMessage(message: Message, world: RenderWorld): DeliveredMessage | Promise<DeliveredMessage> {
    const rendered = Object.entries(message.fields).map(([name, template]) => [name, this.#liquid.render(template, world)] as const);
    const isNow = (pair: readonly [string, unknown]): pair is readonly [string, Rendered] => !(pair[1] instanceof Promise);
    if (rendered.every(isNow)) return messageOf(message, rendered);
    return Promise.all(rendered.map(async ([name, result]) => [name, await result] as const)).then((all) => messageOf(message, all));
  }

  #renderWorld(campaign: Campaign, target: Target, atMs: number): RenderWorld {
    return {
      user: target.user,
      properties: target.properties,
      propertyNames: campaign.kind === 'canvas' ? ['context', 'canvas_entry_properties'] : ['api_trigger_properties'],
      catalogItem: (name, id) => {
        const catalog = this.#catalogs.all.get(name);
        const item = catalog === undefined ? undefined : this.#catalogs.readAt(catalog, id, atMs - this.#options.renderLagMs);
        return item === undefined ? undefined : { id, ...item };
      },
      content: (request) => this.#content.get(request, atMs),
    };
  }

  #conclude(
    turn: { schedule: Schedule; target: Target; firedMs: number; renderedMs: number },
    messages: readonly DeliveredMessage[],
  ): void {
    const delivered = messages.some((message) => message.outcome === 'delivered');
    if (delivered) {
      const { campaign } = turn.schedule;
      this.#lastGot.set(`${campaign.id}|${turn.target.user.id}`, turn.renderedMs);
      campaign.firstSentMs ??= turn.renderedMs;
      campaign.lastSentMs = turn.renderedMs;
    }
    const failure = messages.find((message) => message.outcome === 'render-error') ?? messages[0];
    this.#record(turn, delivered ? 'delivered' : (failure?.outcome ?? 'render-error'), messages);
  }

  #record(
    turn: { schedule: Schedule; target: Target; firedMs: number; renderedMs: number },
    outcome: Delivery['outcome'],
    messages: readonly DeliveredMessage[],
  ): void {
    const { schedule, target, firedMs, renderedMs } = turn;
    this.deliveries.push({
      scheduleId: schedule.id,
      dispatchId: schedule.dispatchId,
      sendId: schedule.sendId,
      campaignId: schedule.campaign.id,
      user: target.user.id,
      notification: textOf(target.properties['notification']),
      token: textOf(target.properties['token']),
      properties: target.properties,
      firedMs,
      renderedMs,
      outcome,
      reason: outcome === 'delivered' ? '' : (messages.find((message) => message.outcome === outcome)?.reason ?? ''),
      messages,
    });
  }
}

/** An abort in any field drops the whole message. */
function messageOf(message: Message, rendered: readonly (readonly [string, Rendered])[]): DeliveredMessage {
  const common = { messageId: message.id, channel: message.channel, variant: message.variant };
  const fields: Record<string, string> = {};
  for (const [name, result] of rendered) {
    if (result.kind !== 'text') {
      const outcome = result.kind === 'aborted' ? 'aborted' : 'render-error';
      return { ...common, outcome, fields: {}, reason: result.reason };
    }
    fields[name] = result.text;
  }
  return { ...common, outcome: 'delivered', fields, reason: '' };
}

/** Runs the turns one after the other; synchronously as long as they are. */
function inOrder(turns: readonly (() => void | Promise<void>)[]): void | Promise<void> {
  for (const [index, turn] of turns.entries()) {
    const work = turn();
    if (work instanceof Promise) return work.then(() => inOrder(turns.slice(index + 1)));
  }
}
