/**
 * What the demo prints: chapters, lines with the sandbox's time, kubectl's own output, and what is being waited for. On a terminal the
 * waiting is one line that counts down; elsewhere (CI) it is a line now and then. Colours only on a terminal, and never with NO_COLOR.
 */
import type { WriteStream } from 'node:tty';

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Style = keyof typeof STYLES;

/** Between two words about the same waiting, where they can't overwrite each other. */
const QUIET_MS = 10_000;
const TICK_MS = 1_000;
/** Rows of kubectl's table that are shown; the whole season would push the story off the screen. */
const ROWS = 16;

export interface ScreenOptions {
  readonly out: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The sandbox's time. */
  readonly now: () => Temporal.Instant;
}

export class Screen {
  readonly #out: ScreenOptions['out'];
  readonly #tty: boolean;
  readonly #colours: boolean;
  readonly #now: () => Temporal.Instant;
  #chapters = 0;
  #waiting = '';
  #blank = false;

  constructor({ out, env, now }: ScreenOptions) {
    this.#out = out;
    this.#tty = out.isTTY === true && env['TERM'] !== 'dumb';
    this.#colours = this.#tty && (env['NO_COLOR'] ?? '') === '';
    this.#now = now;
  }

  styled(text: string, ...styles: readonly Style[]): string {
    if (!this.#colours) return text;
    return `\u001b[${styles.map((style) => STYLES[style]).join(';')}m${text}\u001b[0m`;
  }

  /** A line of its own; of several empty ones in a row one is printed. */
  print(text = ''): void {
    if (text === '' && this.#blank) return;
    this.#blank = text === '';
    this.#clear();
    this.#out.write(`${text}\n`);
    this.#out.write(this.#waiting);
  }

  /** A new part of the story, with one sentence or two of what it shows. */
  chapter(title: string, why: string): void {
    this.#chapters += 1;
    this.print();
    this.print(this.styled(`${this.#chapters}  ${title}`, 'bold'));
    this.print(this.styled(`   ${why}`, 'dim'));
    this.print();
  }

  /** Something that happened now. */
  line(subject: string, text: string, style?: Style): void {
    const clock = this.styled(timeOf(this.#now()), 'dim');
    const name = shortened(subject).padEnd(WIDTH);
    this.print(`   ${clock}  ${this.styled(name, 'cyan')}  ${style === undefined ? text : this.styled(text, style)}`);
  }

  /** A command as somebody would type it, and what it really answered. */
  command(command: string, answer: string): void {
    const [head = '', ...rows] = answer.trimEnd().split('\n');
    this.print();
    this.print(`   ${this.styled(`$ ${command}`, 'bold')}`);
    this.print(`   ${this.styled(head, 'dim')}`);
    for (const row of rows.slice(0, ROWS)) this.print(`   ${row}`);
    if (rows.length > ROWS) this.print(this.styled(`   … and ${rows.length - ROWS} more`, 'dim'));
    this.print();
  }

  /** Shows what is waited for until `work` is done. `until`: the sandbox's time that is waited for. */
  async waiting<T>(what: string, work: Promise<T>, until?: Temporal.Instant): Promise<T> {
    const say = (): string => `${what}${until === undefined ? '' : `, ${remaining(this.#now(), until)}`} …`;
    const timer = this.#tty ? setInterval(() => this.#show(say()), TICK_MS) : setInterval(() => this.print(`   … ${say()}`), QUIET_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      this.#show('');
    }
  }

  #show(text: string): void {
    this.#clear();
    this.#waiting = text === '' ? '' : this.styled(`   … ${text}`, 'yellow');
    this.#out.write(this.#waiting);
  }

  #clear(): void {
    if (this.#waiting !== '') this.#out.write('\r\u001b[2K');
  }
}

/** Of the longest fixture's name as it is shown: Wolverhampton Wanderers v Tottenham Hotspur. */
const WIDTH = 43;

/** `Fulham v Burnley`: on these lines the room is better used than for FC. */
const shortened = (fixture: string): string => fixture.replaceAll(/ A?FC\b|\bA?FC /g, '');

export const timeOf = (at: Temporal.Instant): string => at.toString({ smallestUnit: 'second' }).slice(11, 19);

/** `02:31 to go`. */
function remaining(now: Temporal.Instant, until: Temporal.Instant): string {
  const seconds = Math.max(0, Math.ceil((until.epochMilliseconds - now.epochMilliseconds) / 1000));
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')} to go`;
}
