import type { Readable } from 'node:stream';

/** How many of the last lines of a process are kept: enough for a stack trace, little enough for an error message. */
const KEPT_LINES = 200;

/** A process that never ends its line must not fill the memory. */
const MAX_LINE_LENGTH = 16_384;

/**
 * What a child process said, line by line, in the order of arrival. Keeps only the tail, so that a control plane may run for days.
 */
export class Output {
  readonly #keepAll: boolean;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  /** `keepAll`: for short-lived commands whose whole answer is wanted. */
  constructor({ keepAll = false }: { readonly keepAll?: boolean } = {}) {
    this.#keepAll = keepAll;
  }

  /** Starts to read `stream`; resolves when it has ended, with its last line heard although it lacks a line end. */
  read(stream: Readable): Promise<void> {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if (!this.#keepAll) rest = rest.slice(-MAX_LINE_LENGTH);
      for (const line of lines) this.add(line);
    });
    return new Promise((resolve) => {
      // 'close' comes after 'end' and after an error alike.
      stream.on('error', () => {});
      stream.on('close', () => {
        if (rest !== '') this.add(rest);
        resolve();
      });
    });
  }

  /** The last `count` lines, oldest first. */
  tail(count = 20): string {
    return this.#lines.slice(-count).join('\n');
  }

  /** The lines that are still kept, oldest first. */
  lines(): readonly string[] {
    return this.#lines;
  }

  /** Calls back with each line from now on. Returns the undo. */
  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Takes one line, as if it had been read. */
  add(line: string): void {
    this.#lines.push(line);
    if (!this.#keepAll && this.#lines.length > KEPT_LINES) this.#lines.shift();
    for (const listener of this.#listeners) listener(line);
  }
}
