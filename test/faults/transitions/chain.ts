/**
 * One object that is changed again and again, from wherever the last change has led it, with trouble under way, and with every second
 * change taken back in the middle of it. After each change it is held against an object that is made with the final spec at once; after the
 * last one both are sent, and deleted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../../../src/controller/client-errors.ts';
import { Cell } from '../cell.ts';
import { Effects, story } from '../effects.ts';
import type { Lane } from '../lane.ts';
import { randomFrom } from '../sampling.ts';
import { arrival, detours, rests } from './arrival.ts';
import { changed, type Field, isJson, type Json, keptAhead, patchBetween, pick } from './mutations.ts';
import { settle } from './settle.ts';
import { makeTrouble, NO_TROUBLE } from './troubles.ts';

/** What a chain does, in order. */
export interface Link {
  readonly field: Field;
  readonly trouble: string;
  readonly takenBack: boolean;
}

export interface Walked {
  readonly steps: readonly string[];
  readonly violations: readonly string[];
  readonly effects: Effects;
  readonly subject: Cell;
}

/** Long enough for a change to be under way when no trouble is met. */
const UNDER_WAY_MS = 120;
const CAMPAIGNS = 3;

export class Chain {
  readonly #lane: Lane;
  readonly #random: () => number;
  readonly #campaigns: readonly string[];
  readonly #subject: Cell;
  readonly #effects: Effects;
  readonly #steps: string[] = [];

  constructor(lane: Lane, seed: number) {
    this.#lane = lane;
    this.#random = randomFrom(seed);
    this.#campaigns = [lane.campaignId, ...Array.from({ length: CAMPAIGNS - 1 }, () => lane.stack.campaign())];
    this.#subject = new Cell(lane);
    this.#effects = new Effects(this.#subject, () => this.#subject.now.toString({ smallestUnit: 'second' }).slice(11));
  }

  /** Ends at the first violation. */
  async walk(links: readonly Link[]): Promise<Walked> {
    this.#lane.watch(this.#effects);
    this.#effects.count();
    await this.#subject.create();
    const violations: string[] = [];
    if (!(await settle(this.#subject, () => rests(this.#subject.seen)))) violations.push('it never came to rest');
    for (const link of links) if (violations.length === 0) violations.push(...(await this.#change(link)));
    if (violations.length === 0) violations.push(...(await this.#end()));
    this.#lane.watch(undefined);
    return { steps: this.#steps, violations, effects: this.#effects, subject: this.#subject };
  }

  get history(): string {
    return [...this.#steps, story(this.#effects.list), JSON.stringify(this.#subject.seen, undefined, 1)].join('\n');
  }

  async #change({ field, trouble, takenBack }: Link): Promise<readonly string[]> {
    const before = this.#spec;
    const scene = { spec: before, now: this.#subject.now, campaigns: this.#campaigns, random: this.#random };
    if (field.immutable) return await this.#tryImmutable(field, changed(field, scene));
    const after = keptAhead(changed(field, scene), this.#subject.now);
    this.#note(`${field.path}: ${JSON.stringify(patchBetween(before, after))}; ${trouble}${takenBack ? '; taken back' : ''}`);
    const troubled = makeTrouble(this.#subject, trouble);
    try {
      await this.#subject.change(patchBetween(before, after));
      if (takenBack) await this.#takeBack({ met: troubled.met, before });
      return await this.#holdAgainst(troubled.met);
    } finally {
      troubled.end();
    }
  }

  async #takeBack({ met, before }: { met: Promise<unknown>; before: Json }): Promise<void> {
    await Promise.race([met, sleep(UNDER_WAY_MS)]);
    const back = patchBetween(this.#spec, keptAhead(before, this.#subject.now));
    if (Object.keys(back).length > 0) await this.#subject.change(back);
  }

  async #tryImmutable(field: Field, after: Json): Promise<readonly string[]> {
    const before = this.#spec;
    this.#note(`${field.path}: refused by the API server`);
    const answer = await this.#subject.change(patchBetween(before, after)).then(
      () => 'taken',
      (error: unknown) => error,
    );
    if (!(answer instanceof ApiError) || answer.status !== 422) return [`a change of ${field.path} was ${String(answer)}`];
    return await this.#holdAgainst(Promise.resolve());
  }

  /** The direct way: an object that never was anything else. */
  async #holdAgainst(met: Promise<unknown>): Promise<readonly string[]> {
    // Otherwise the trouble could be met by nobody, and the next change be taken for this one.
    await Promise.race([met, sleep(UNDER_WAY_MS / 2)]);
    await settle(this.#subject, () => rests(this.#subject.seen));
    const direct = await this.#twin();
    const differences = (): readonly string[] => detours(arrival(this.#subject), arrival(direct));
    const isThere = await settle(this.#subject, () => rests(this.#subject.seen) && rests(direct.seen) && differences().length === 0);
    const restless = rests(this.#subject.seen) ? [] : ['it never came to rest'];
    const violations = isThere ? [] : [...restless, ...differences().map((each) => `not where the direct way leads: ${each}`)];
    await direct.delete();
    // The next minute of Braze's limit of creates.
    await this.#subject.jumpTo(this.#subject.now.add({ minutes: 1 }));
    return [...violations, ...this.#toldTooOften(), ...this.#lane.ears.take()];
  }

  async #twin(): Promise<Cell> {
    const twin = new Cell(this.#lane);
    const { match, ...spec } = this.#spec;
    await twin.create({ ...spec, match: { ...(isJson(match) ? match : {}), id: twin.match } });
    return twin;
  }

  /** Both are sent, and then deleted. */
  async #end(): Promise<readonly string[]> {
    const direct = await this.#twin();
    await settle(direct, () => rests(direct.seen));
    const sendAt = Temporal.Instant.from(String(this.#spec['sendAt']));
    const isAhead = Temporal.Instant.compare(this.#subject.now, sendAt) < 0;
    if (isAhead) await this.#subject.passSend(sendAt);
    this.#note(isAhead ? 'its time passed' : 'its time was past');
    const differences = (): readonly string[] => [
      ...detours(arrival(this.#subject), arrival(direct)),
      ...(tellings(this.#subject) === tellings(direct) ? [] : [`told ${tellings(this.#subject)} instead of ${tellings(direct)}`]),
    ];
    const isSame = await settle(this.#subject, () => rests(this.#subject.seen) && rests(direct.seen) && differences().length === 0);
    const unlike = isSame ? [] : differences().map((each) => `not as if directly sent: ${each}`);
    await Promise.all([this.#subject.delete(), direct.delete()]);
    this.#note('deleted');
    const isGone = await settle(this.#subject, () => this.#subject.seen === undefined && direct.seen === undefined);
    return [...unlike, ...(isGone ? [] : ['its deletion never ended']), ...this.#toldTooOften(), ...this.#lane.ears.take()];
  }

  #toldTooOften(): readonly string[] {
    const often = Object.entries(toldOfMatch(this.#subject)).filter(([, times]) => times > 1);
    return often.map(([user, times]) => `${user} was told ${times} times`);
  }

  get #spec(): Json {
    const { seen } = this.#subject;
    if (seen === undefined) throw new Error(`${this.#subject.name} is gone`);
    return JSON.parse(JSON.stringify(seen.spec)) as Json;
  }

  #note(step: string): void {
    this.#steps.push(`${this.#subject.now.toString({ smallestUnit: 'second' })}  ${step}`);
  }
}

/** Under whichever campaign. */
function toldOfMatch(cell: Cell): Readonly<Record<string, number>> {
  const mine = cell.lane.stack.braze.deliveries().filter(({ notification }) => notification?.startsWith(`football-data-${cell.match}-`));
  return Object.fromEntries([...Map.groupBy(mine, ({ user }) => user)].map(([user, list]) => [user, list.length]));
}

const tellings = (cell: Cell): string => JSON.stringify(Object.entries(toldOfMatch(cell)).sort());

/** Links of a chain: every field comes up before one comes up twice, whatever chains are drawn. */
export function linksOf(
  number: number,
  { fields, troubles, length }: { fields: readonly Field[]; troubles: readonly string[]; length: number },
): readonly Link[] {
  const random = randomFrom(number * 7919 + 1);
  return Array.from({ length }, (_, index) => {
    const field = fields[(number * length + index) % fields.length];
    if (field === undefined) throw new RangeError('there are no fields');
    const trouble = random() < 0.25 ? NO_TROUBLE : pick(troubles, random);
    return { field, trouble, takenBack: random() < 0.5 };
  });
}
