/**
 * A lane: a namespace with a lease, simulators and a clock of its own in the shared API server, and two operators, each behind a proxy of its
 * own. Cells run in a lane one after another, several lanes side by side. What is struck down is replaced before the next cell begins.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Fault, LogEntry } from '../../sandbox/braze/index.ts';
import { DEFAULT_API_KEY } from '../../sandbox/braze/index.ts';
import type { ControlPlane } from '../../sandbox/control-plane/control-plane.ts';
import { SANDBOX_ACCOUNT } from '../../sandbox/football-data/accounts.ts';
import type { Postgres } from '../../sandbox/postgres/postgres.ts';
import { type Operator, SHORT_LEASE, type Stack, startStack } from '../../sandbox/stack/index.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import type { ProxiedRequest, Stage } from '../support/proxy-faults.ts';
import { Eavesdropper } from './eavesdropper.ts';
import type { Effect, Effects } from './effects.ts';
import { LaneLedger } from './lane-ledger.ts';
import { OwnClock } from './own-clock.ts';

/** A lost answer is settled after eleven seconds, and a send can be made half a minute ahead. */
const WORKSPACE = { margin: '10s', requestTimeout: '1s', spec: { horizon: '1d' } } as const;
const LEADS_WITHIN_MS = 60_000;

export interface Member {
  readonly operator: Operator;
  readonly proxy: FaultProxy;
  readonly clock: OwnClock;
}

/** How an operator differs from the others of its lane. */
export interface MemberOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Before it has asked the API server anything. */
  readonly prepare?: (proxy: FaultProxy) => void;
}

export interface LaneOptions {
  /** Its namespaces bear its name: those of the campaign before may still be on their way out. */
  readonly campaign: string;
  readonly number: number;
  readonly plane: ControlPlane;
  /** Lease timings; short ones unless told. */
  readonly leaseFlags?: readonly string[];
  /** A bundle of the operator, which most cells start anew. */
  readonly operatorProgram: string;
  /** Where operators keep what they compiled: a start costs half then. */
  readonly compileCache: string;
  /** Operators keep a ledger there. */
  readonly postgres?: Postgres;
}

export class Lane implements AsyncDisposable {
  readonly number: number;
  readonly stack: Stack;
  readonly campaignId: string;
  readonly ledger: LaneLedger | undefined;
  readonly ears: Eavesdropper;
  /** Those that ended without being told to. */
  readonly endedAlone: string[] = [];
  readonly #options: LaneOptions;
  readonly #expectedEnds = new Set<Operator>();
  /** Operators whose writes and calls go nowhere any more: they are as good as dead. */
  readonly #silenced = new Set<Operator>();
  readonly #refusals = new Set<{ readonly part: string; left: number; readonly met: () => void }>();
  readonly #undo = new AsyncDisposableStack();
  #members: readonly Member[] = [];
  #effects: Effects | undefined;
  #started = 0;
  #cells = 0;

  static async start(options: LaneOptions): Promise<Lane> {
    const { plane, campaign, number, postgres } = options;
    const ledger = postgres && (await LaneLedger.open(postgres, `lane_${number}`));
    const stack = await startStack({
      cluster: plane,
      namespace: `${campaign}-${number}`,
      operatorFlags: options.leaseFlags ?? SHORT_LEASE,
      operatorProgram: options.operatorProgram,
    });
    const lane = new Lane(options, stack, ledger);
    try {
      stack.braze.setOptions({ limits: { catalogs: 100_000 } });
      lane.#listenToBraze();
      await lane.pair();
      await stack.workspace(WORKSPACE);
    } catch (error) {
      await lane[Symbol.asyncDispose]();
      throw error;
    }
    return lane;
  }

  private constructor(options: LaneOptions, stack: Stack, ledger: LaneLedger | undefined) {
    this.number = options.number;
    this.#options = options;
    this.stack = stack;
    this.campaignId = stack.campaign();
    this.ledger = ledger;
    this.ears = new Eavesdropper([DEFAULT_API_KEY, SANDBOX_ACCOUNT.token, ...(ledger === undefined ? [] : [ledger.password])]);
    if (ledger !== undefined) this.#undo.use(ledger);
    this.#undo.use(stack);
    ledger?.follow(stack.notifications, (text) => this.#effects?.statement(this.leader.operator.name, text));
  }

  get leader(): Member {
    const [leader] = this.#members;
    if (leader === undefined) throw new Error(`lane ${this.number} has no operator`);
    return leader;
  }

  /** Those that live. */
  get members(): readonly Member[] {
    return this.#members.filter(({ operator }) => operator.exit() === undefined);
  }

  nextCell(): number {
    this.#cells += 1;
    return this.#cells;
  }

  /** One that leads and one that waits. */
  async pair(): Promise<void> {
    this.#members = this.members;
    while (this.#members.length < 2) await this.addMember();
    await this.leading();
  }

  /** Resolves with the one that leads, which stands first from then on. */
  async leading(): Promise<Member> {
    const first = await Promise.any(
      this.#members.map(async (member) => {
        await member.operator.leads({ timeoutMs: LEADS_WITHIN_MS });
        return member;
      }),
    );
    this.#members = [first, ...this.#members.filter((member) => member !== first)];
    return first;
  }

  /** One more, which stands by. */
  async addMember(options: MemberOptions = {}): Promise<Member> {
    const member = await this.startMember(options);
    this.#members = [...this.#members, member];
    return member;
  }

  /** An operator that is none of those which the lane counts on; whoever started it ends it. */
  async startMember({ flags = [], env = {}, prepare }: MemberOptions = {}): Promise<Member> {
    const { plane, compileCache } = this.#options;
    this.#started += 1;
    const name = `${this.number}.${this.#started}`;
    const proxy = await startFaultProxy({ server: plane.server });
    const file = path.join(plane.directory, `kubeconfig-${name}`);
    await writeFile(file, kubeconfigFor(proxy.url, plane.adminToken), { mode: 0o600 });
    prepare?.(proxy);
    const clock = await OwnClock.of(this.stack.clock);
    const own = { NODE_COMPILE_CACHE: compileCache, SANDBOX_CLOCK_URL: clock.url, ...this.ledger?.env, ...env };
    const operator = await this.stack.startOperator({ name, flags: ['--kubeconfig', file, ...flags], env: own });
    this.ears.listen(operator);
    proxy.fault((request) => this.#isRefused(request), { kind: 'answer', status: 503 });
    proxy.fault(({ method, url }) => method !== 'GET' && isOfOurs(url.pathname), { kind: 'stage', ...this.#stage(operator) });
    void operator.exited.then(async ({ code, signal }) => {
      if (!this.#expectedEnds.has(operator))
        this.endedAlone.push(`${name} ended by itself with ${signal ?? code}: ${operator.output.tail(3)}`);
      await proxy.close();
      await clock[Symbol.asyncDispose]();
    });
    return { operator, proxy, clock };
  }

  /** The API server answers 503 to so many writes of paths that contain `path`, whoever makes them, and does nothing. */
  refuseWrites({ path: part, times }: { readonly path: string; readonly times: number }): { met: Promise<void>; end: () => void } {
    const met = Promise.withResolvers<void>();
    const refusal = { part, left: times, met: met.resolve };
    this.#refusals.add(refusal);
    return { met: met.promise, end: () => void this.#refusals.delete(refusal) };
  }

  /** What the operators do from now on is noted there. */
  watch(effects: Effects | undefined): void {
    this.#effects = effects;
  }

  /** Nothing that it sends arrives anywhere any more, until it is gone. */
  silence({ operator }: Member): void {
    this.#silenced.add(operator);
  }

  expectEnd({ operator }: Member): void {
    this.#expectedEnds.add(operator);
  }

  /** SIGKILL, and resolves when it is gone. */
  async kill(member: Member): Promise<void> {
    this.silence(member);
    this.expectEnd(member);
    member.operator.kill('SIGKILL');
    await member.operator.exited;
    this.#silenced.delete(member.operator);
    this.#members = this.#members.filter((other) => other !== member);
  }

  /** It will end, and is no member any more. */
  setAside(member: Member): void {
    this.expectEnd(member);
    this.#members = this.#members.filter((other) => other !== member);
  }

  /** SIGSTOP, and resolves when the other leads. It is no member any more; whoever paused it wakes it. */
  async pause(member: Member): Promise<void> {
    this.setAside(member);
    member.operator.kill('SIGSTOP');
    await this.leading();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { operator } of this.#members) this.#expectedEnds.add(operator);
    await Promise.all(this.#members.map(({ operator }) => operator.stop({ signal: 'SIGKILL' })));
    await this.#undo.disposeAsync();
  }

  #isRefused({ method, url }: ProxiedRequest): boolean {
    if (method === 'GET') return false;
    const refusal = [...this.#refusals].find(({ part, left }) => left > 0 && url.pathname.includes(part));
    if (refusal === undefined) return false;
    refusal.left -= 1;
    refusal.met();
    return true;
  }

  #stage(operator: Operator): Stage {
    const noted = new WeakMap<object, Effect>();
    return {
      before: async (request, body) => {
        if (this.#silenced.has(operator)) return false;
        const effect = this.#effects?.write(operator.name, { method: request.method, path: request.url.pathname, body });
        if (effect === undefined) return true;
        noted.set(request, effect);
        const act = this.#effects?.struck(effect, 'before');
        await act?.();
        return act === undefined || effect.goesOn === true;
      },
      after: async (request) => {
        // Struck with the answer in hand: nothing that comes after it may leave.
        if (this.#effects?.struck(noted.get(request), 'answered')) this.#silenced.add(operator);
        const act = this.#effects?.struck(noted.get(request), 'after');
        await act?.();
        return act === undefined || noted.get(request)?.goesOn === true;
      },
      answered: (request) => void this.#effects?.struck(noted.get(request), 'answered')?.(),
    };
  }

  /** The simulator's own fault plan is the proxy here: rules that are always there and ask what to do with each call. */
  #listenToBraze(): void {
    const { braze } = this.stack;
    const noted = new WeakMap<LogEntry, Effect>();
    const lost = new WeakSet<LogEntry>();
    const all = Number.POSITIVE_INFINITY;
    const note = (entry: LogEntry): boolean => {
      if (this.#silenced.size > 0) lost.add(entry);
      else {
        const effect = this.#effects?.call(this.leader.operator.name, entry);
        if (effect !== undefined) noted.set(entry, effect);
      }
      return lost.has(entry);
    };
    braze.fault({ match: { where: note }, action: { kind: 'drop-before' }, times: all });
    for (const moment of ['before', 'after'] as const) this.#holdCalls(moment, noted);
    const answered = (entry: LogEntry): boolean => {
      const act = this.#effects?.struck(noted.get(entry), 'answered');
      if (act !== undefined) {
        this.silence(this.leader);
        void braze.log.next((finished) => finished === entry).then(act);
      }
      return false;
    };
    braze.fault({ match: { where: answered }, action: { kind: 'drop-before' }, times: all });
  }

  #holdCalls(moment: 'before' | 'after', noted: WeakMap<LogEntry, Effect>): void {
    const { braze } = this.stack;
    const add = (): void => {
      let hold: Fault | undefined;
      const where = (entry: LogEntry): boolean => {
        const act = this.#effects?.struck(noted.get(entry), moment);
        if (act === undefined) return false;
        void this.#whenThere(entry, moment)
          .then(act)
          .finally(() => hold?.remove());
        // The next strike finds a hold that nobody let go of.
        setImmediate(add);
        return true;
      };
      hold = braze.fault({ match: { where }, action: { kind: 'hold', when: moment } });
    };
    add();
    if (moment === 'after') return;
    const where = (entry: LogEntry): boolean => noted.get(entry)?.struck === 'before' && noted.get(entry)?.goesOn !== true;
    braze.fault({ match: { where }, action: { kind: 'drop-before' }, times: Number.POSITIVE_INFINITY });
  }

  async #whenThere(entry: LogEntry, moment: 'before' | 'after'): Promise<void> {
    while (moment === 'after' && !entry.committed) await new Promise((resolve) => setImmediate(resolve));
  }
}

const isOfOurs = (pathname: string): boolean => pathname.startsWith('/apis/matchday.dev/');

/** The proxy speaks plain HTTP. */
function kubeconfigFor(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'proxied', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'proxied', context: { cluster: 'proxied', user: 'admin' } }],
    'current-context': 'proxied',
  });
}
