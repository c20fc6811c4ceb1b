/**
 * A watch as lines, between the API server and a client: each line is passed on, dropped, held, replaced, or the watch is cut at it. Behind a
 * line that is held the whole watch waits: a client may rely on the order, and what it was told late would be old to it.
 */

export interface WatchLine {
  /** From the path: `matchnotifications`. */
  readonly plural: string;
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`. */
  readonly type: string;
  /** Of the object; empty in a bookmark. */
  readonly name: string;
  readonly uid: string;
  readonly version: string;
  /** The bookmark that ends a streamed initial state. */
  readonly isEndMark: boolean;
  /** As it came, with its line end. */
  readonly text: string;
}

export type LineVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  /** Passed on when `until` resolves. `only the last`: not, when a newer line of the object waits by then. */
  | { readonly kind: 'hold'; readonly until: Promise<unknown>; readonly passes: 'each' | 'only the last' }
  /** These bytes instead. */
  | { readonly kind: 'say'; readonly text: string }
  /** After these bytes the watch is over. */
  | { readonly kind: 'cut'; readonly how: 'reset' | 'end'; readonly text: string };

/** Asked once about each line, when its turn comes. */
export type LineRule = (line: WatchLine) => LineVerdict;

export interface GateOptions {
  readonly plural: string;
  /** Asked anew for each line: rules come and go. */
  readonly rule: () => LineRule | undefined;
  readonly write: (text: string) => void;
  readonly cut: (how: 'reset' | 'end') => void;
  readonly note: (line: WatchLine) => void;
}

const PASS: LineVerdict = { kind: 'pass' };

export class WatchGate {
  readonly #options: GateOptions;
  readonly #waiting = new Map<string, number>();
  #rest = '';
  #turn: Promise<void> = Promise.resolve();
  #over = false;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Bytes of the server's, in any pieces. */
  take(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#queue(lineOf(this.#options.plural, `${line}\n`));
  }

  /** Resolves when every line that was taken has been dealt with. */
  drained(): Promise<void> {
    return this.#turn;
  }

  #queue(line: WatchLine): void {
    this.#options.note(line);
    const { uid } = line;
    this.#waiting.set(uid, (this.#waiting.get(uid) ?? 0) + 1);
    this.#turn = this.#turn.then(() => this.#deal(line));
  }

  async #deal(line: WatchLine): Promise<void> {
    const left = (this.#waiting.get(line.uid) ?? 1) - 1;
    if (left > 0) this.#waiting.set(line.uid, left);
    else this.#waiting.delete(line.uid);
    if (this.#over) return;
    const verdict = this.#options.rule()?.(line) ?? PASS;
    switch (verdict.kind) {
      case 'pass':
        this.#write(line.text);
        return;
      case 'drop':
        return;
      case 'say':
        this.#write(verdict.text);
        return;
      case 'hold':
        await verdict.until;
        if (verdict.passes === 'each' || !this.#waiting.has(line.uid)) this.#write(line.text);
        return;
      case 'cut':
        this.#write(verdict.text);
        this.#over = true;
        this.#options.cut(verdict.how);
    }
  }

  #write(text: string): void {
    if (!this.#over && text !== '') this.#options.write(text);
  }
}

interface Envelope {
  readonly type?: string;
  readonly object?: {
    readonly metadata?: {
      readonly name?: string;
      readonly uid?: string;
      readonly resourceVersion?: string;
      readonly annotations?: Record<string, string>;
    };
  };
}

function lineOf(plural: string, text: string): WatchLine {
  const { type = '', object } = JSON.parse(text) as Envelope;
  const { name = '', uid = '', resourceVersion = '', annotations } = object?.metadata ?? {};
  return { plural, type, name, uid, version: resourceVersion, isEndMark: annotations?.['k8s.io/initial-events-end'] === 'true', text };
}
