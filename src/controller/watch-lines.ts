/**
 * Splits a watch's bytes into lines and hands the event loop back every few milliseconds: an initial state of 100,000 objects
 * parsed in one go would block for seconds and lose the lease (design §5a).
 */

import { TimeSlice } from './time-slice.ts';

export interface LineOptions {
  /** Longest line accepted, in bytes. */
  readonly maxLineBytes: number;
  readonly monotonicMs: () => number;
  /** Called for each chunk and after each turn: the stream is alive. */
  readonly onProgress: () => void;
}

const NEWLINE = 0x0a;

/** The lines of `chunks`, without their ends. A last line without an end was cut off and is dropped. Throws a `RangeError` for a line over the limit. */
export async function* readLines(chunks: AsyncIterable<Buffer>, options: LineOptions): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const slice = new TimeSlice(options.monotonicMs);
  for await (const chunk of chunks) {
    options.onProgress();
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE, from); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      yield joined(pending, chunk.subarray(from, end));
      pending = [];
      pendingBytes = 0;
      from = end + 1;
      if (slice.used) {
        await slice.next();
        options.onProgress();
      }
    }
    if (from < chunk.length) {
      pending.push(chunk.subarray(from));
      pendingBytes += chunk.length - from;
      if (pendingBytes > options.maxLineBytes) throw new RangeError(`an event is longer than ${options.maxLineBytes} bytes`);
    }
  }
}

function joined(pending: readonly Buffer[], last: Buffer): string {
  return pending.length === 0 ? last.toString('utf8') : Buffer.concat([...pending, last]).toString('utf8');
}
