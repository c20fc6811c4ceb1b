/**
 * Stands between a client and Postgres and knows where a statement begins and ends (protocol 3, docs of Postgres 18, 54.7): at each a rule
 * may wait, let it pass, or cut the connection. Whole statements only: what comes before the login's end passes as it is. No TLS.
 */
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** Before the server has it; when it has taken effect, before the answer; when the client has the answer. */
export type StatementMoment = 'before' | 'after' | 'answered';

export interface Statement {
  readonly text: string;
}

export type StatementVerdict = 'pass' | 'cut';

/** Asked at each moment of each statement, which waits for it. What is said at `answered` comes too late for anything but a cut. */
export type StatementRule = (moment: StatementMoment, statement: Statement) => StatementVerdict | Promise<StatementVerdict>;

const HEADER = 5;
const READY = 'Z';
const SYNC = 'S';
const QUERY = 'Q';

export class PostgresProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #upstreamPort: number;
  readonly #links = new Set<Link>();
  #rule: StatementRule | undefined;
  #tell: (text: string) => void = () => {};
  #away = false;

  static async start(upstreamPort: number): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(upstreamPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  private constructor(upstreamPort: number) {
    this.#upstreamPort = upstreamPort;
    this.#server = createServer((client) => this.#take(client));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** From now on, also on open connections; undefined lets everything pass. */
  judge(rule: StatementRule | undefined): void {
    this.#rule = rule;
  }

  /** Told of each statement before anything is asked about it. */
  tell(listener: (text: string) => void): void {
    this.#tell = listener;
  }

  /** While away, connections are cut and none is taken. */
  setAway(away: boolean): void {
    this.#away = away;
    if (away) for (const link of this.#links) link.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.setAway(true);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #take(client: Socket): void {
    if (this.#away) return void client.resetAndDestroy();
    const link: Link = new Link({
      client,
      upstream: dial(this.#upstreamPort, '127.0.0.1'),
      rule: (moment, statement) => {
        if (moment === 'before') this.#tell(statement.text);
        return this.#rule?.(moment, statement) ?? 'pass';
      },
      over: () => this.#links.delete(link),
    });
    this.#links.add(link);
  }
}

interface LinkOptions {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly rule: StatementRule;
  readonly over: () => void;
}

/** One connection: a client sends its next statement only when the one before it was answered. */
class Link {
  readonly #options: LinkOptions;
  readonly #asked = new Frames();
  readonly #answered = new Frames();
  #loggedIn = false;
  #statement: Statement | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: LinkOptions) {
    this.#options = options;
    const { client, upstream } = options;
    client.on('data', (bytes) => this.#next(() => this.#ask(bytes)));
    upstream.on('data', (bytes) => this.#next(() => this.#answer(bytes)));
    for (const end of [client, upstream]) {
      end.on('error', () => this.cut());
      end.on('close', () => this.cut());
    }
  }

  cut(): void {
    this.#options.client.resetAndDestroy();
    this.#options.upstream.destroy();
    this.#options.over();
  }

  #next(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch(() => this.cut());
  }

  async #ask(bytes: Buffer | string): Promise<void> {
    const { upstream, rule } = this.#options;
    if (!this.#loggedIn) return void upstream.write(bytes);
    const whole = this.#asked.take(bytes, (type) => type === SYNC || type === QUERY);
    if (whole === undefined) return;
    this.#statement = { text: whole.toString('latin1') };
    if ((await rule('before', this.#statement)) === 'cut') return this.cut();
    upstream.write(whole);
  }

  async #answer(bytes: Buffer | string): Promise<void> {
    const { client, rule } = this.#options;
    const whole = this.#answered.take(bytes, (type) => type === READY);
    if (!this.#loggedIn) {
      this.#loggedIn = whole !== undefined;
      return void client.write(bytes);
    }
    const statement = this.#statement;
    if (whole === undefined || statement === undefined) return;
    if ((await rule('after', statement)) === 'cut') return this.cut();
    client.write(whole);
    if ((await rule('answered', statement)) === 'cut') this.cut();
  }
}

/** Messages of a type byte and a length each, gathered until one that ends them. */
class Frames {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the message begins that was not looked at yet. */
  #at = 0;

  take(more: Buffer | string, ends: (type: string) => boolean): Buffer | undefined {
    this.#bytes = Buffer.concat([this.#bytes, typeof more === 'string' ? Buffer.from(more, 'latin1') : more]);
    while (this.#bytes.length >= this.#at + HEADER) {
      const type = String.fromCharCode(this.#bytes.readUInt8(this.#at));
      const end = this.#at + 1 + this.#bytes.readUInt32BE(this.#at + 1);
      if (this.#bytes.length < end) return undefined;
      this.#at = end;
      if (ends(type)) return this.#cutOff(end);
    }
    return undefined;
  }

  #cutOff(end: number): Buffer {
    const whole = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end);
    this.#at = 0;
    return whole;
  }
}
