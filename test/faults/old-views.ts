/**
 * Ways in which an operator comes to see an object as it no longer is. Each begins at a line of its watch about the object: the first is what
 * the workload did, the later ones are what the operators wrote.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Matcher } from '../support/proxy-faults.ts';
import type { LineVerdict, WatchLine } from '../support/watch-gate.ts';
import type { Cell } from './cell.ts';
import type { Member } from './lane.ts';
import type { Begun } from './run-cell.ts';

/** One operator's watch, and which line of it. */
export interface Sight {
  readonly cell: Cell;
  readonly member: Member;
  /** From 1. */
  readonly line: number;
}

export type View = (sight: Sight) => Begun;

const PLURAL = 'matchnotifications';
/** The kinds of which a cell has lines. */
const WATCHED = [PLURAL, 'brazeworkspaces'] as const;
const PASS: LineVerdict = { kind: 'pass' };
const DROP: LineVerdict = { kind: 'drop' };
const GONE = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', message: 'too old resource version', code: 410 };
const ERROR_LINE = `${JSON.stringify({ type: 'ERROR', object: GONE })}\n`;
/** Longer than anybody waits for the line that would have come next. */
const NEXT_LINE_MS = 1_000;
const RESUMED_MS = 1_500;
/** A watch that was reset is begun again within a second or two. */
const ANEW_MS = 6_000;
const LOOK_MS = 8;

const isStreamed: Matcher = ({ url, isWatch }) => isWatch && isAbout(url) && url.searchParams.has('sendInitialEvents');
const isResumedOf =
  (plural: string): Matcher =>
  ({ url, isWatch }) =>
    isWatch && isAbout(url, plural) && !url.searchParams.has('sendInitialEvents');
const isAbout = (url: URL, plural: string = PLURAL): boolean => url.pathname.endsWith(`/${plural}`);
/** Lists and watches that begin with a whole state. */
export const asksForState: Matcher = (request) =>
  isStreamed(request) || (request.method === 'GET' && !request.isWatch && isAbout(request.url));

export const isOfCell = (cell: Cell, { plural, name }: WatchLine): boolean =>
  (plural === PLURAL && name === cell.name) || (plural === 'brazeworkspaces' && name === cell.workspace && name !== 'main');

interface Plan {
  /** Of the line that it begins with. */
  readonly at: (line: WatchLine) => LineVerdict;
  /** Of those of the object that follow. */
  readonly after?: (line: WatchLine) => LineVerdict;
  /** Of anything else on the watches. */
  readonly others?: (line: WatchLine) => LineVerdict;
  readonly end?: () => void;
}

/** Counts the lines of the object, and has `plan` decide from the wanted one on. */
export function fromLine({ cell, member, line: wanted }: Sight, { at, after, others, end }: Plan): Begun {
  let seen = 0;
  member.proxy.judgeLines((line) => {
    if (!isOfCell(cell, line)) return others?.(line) ?? PASS;
    seen += 1;
    if (seen < wanted) return PASS;
    return seen === wanted ? at(line) : (after?.(line) ?? PASS);
  });
  return {
    reached: () => seen >= wanted,
    atRest: async () => {},
    end: () => {
      member.proxy.judgeLines(undefined);
      end?.();
    },
  };
}

/** The line, and what waits behind it, comes so much later. */
export function held(passes: 'each' | 'only the last', ms: number): View {
  return (sight) => {
    let until: Promise<void> = Promise.resolve();
    const hold = (): LineVerdict => ({ kind: 'hold', until, passes });
    return fromLine(sight, {
      at: () => {
        until = sight.cell.disturb(() => sleep(ms));
        return hold();
      },
      after: hold,
    });
  };
}

/** It comes when the object has been written once more. */
export const heldUntilNextWrite: View = (sight) =>
  fromLine(sight, {
    at: ({ version }) => {
      const { cell } = sight;
      const until = performance.now() + RESUMED_MS;
      const written = async (): Promise<void> => {
        while (cell.seen?.metadata.resourceVersion === version && performance.now() < until) await sleep(5);
      };
      return { kind: 'hold', until: cell.disturb(written), passes: 'each' };
    },
  });

/** It never comes; the next one tells, or a state that is taken anew. */
export const coalesced: View = (sight) => {
  let next = false;
  return fromLine(sight, {
    at: () => {
      void sight.cell.disturb(async () => {
        await sleep(NEXT_LINE_MS);
        if (!next) await expire(sight.member);
      });
      return DROP;
    },
    after: () => {
      next = true;
      return PASS;
    },
  });
};

/** Nothing of the object comes any more, while the watch goes on, until it ends and its version is gone. */
export function lost(ms: number): View {
  return (sight) => {
    let over = false;
    return fromLine(sight, {
      at: () => {
        void sight.cell.disturb(async () => {
          await sleep(ms);
          over = true;
          await expire(sight.member);
        });
        return DROP;
      },
      after: () => (over ? PASS : DROP),
    });
  };
}

/** The watch ends at the line and its version is gone: no bookmark had told how far it had come. */
export const withoutBookmarks: View = (sight) => {
  return fromLine(sight, {
    at: () => {
      void sight.cell.disturb(() => expire(sight.member));
      return DROP;
    },
    others: ({ type, isEndMark }) => (type === 'BOOKMARK' && !isEndMark ? DROP : PASS),
  });
};

/** The connection ends before the line, after it, or inside it. */
export function cutAt(where: 'before' | 'after' | 'inside', how: 'reset' | 'end'): View {
  return (sight) =>
    fromLine(sight, {
      at: ({ text }) => {
        const said = { before: '', after: text, inside: text.slice(0, text.length / 2) }[where];
        return { kind: 'cut', how, text: said };
      },
    });
}

/** The server says inside the stream that the version is gone. */
export const expiredInStream: View = (sight) => fromLine(sight, { at: () => ({ kind: 'cut', how: 'end', text: ERROR_LINE }) });

export const twice: View = (sight) => fromLine(sight, { at: ({ text }) => ({ kind: 'say', text: text + text }) });

/** After the next line it comes once more. */
export const again: View = (sight) => {
  let old = '';
  return fromLine(sight, {
    at: ({ text }) => {
      old = text;
      return PASS;
    },
    after: ({ text }) => {
      const both = text + old;
      old = '';
      return { kind: 'say', text: both };
    },
  });
};

/** The watch expires, and the state that is taken anew is that of `version`, for a while. */
export function pastState(version: (cell: Cell) => string): View {
  return (sight) => {
    const { proxy } = sight.member;
    const stale = { kind: 'past', version: version(sight.cell), live: Promise.resolve() } as const;
    let remove = (): void => {};
    return fromLine(sight, {
      at: () => {
        const fault = proxy.fault(isStreamed, stale);
        remove = () => fault.remove();
        void expire(sight.member);
        void sight.cell.disturb(() => sleep(RESUMED_MS).then(remove));
        return DROP;
      },
      end: () => remove(),
    });
  };
}

/** The watch expires, and the state that is taken anew comes late. */
export const lateState: View = (sight) =>
  fromLine(sight, {
    at: () => {
      sight.member.proxy.fault(isStreamed, { kind: 'delay', ms: RESUMED_MS }, 1);
      void expire(sight.member);
      void sight.cell.disturb(() => sleep(RESUMED_MS));
      return DROP;
    },
  });

/** The reflector waits half a minute for it, and then takes pages. */
const END_MARK_MS = 31_000;

/** The watch expires, and the mark that ends the state which is taken anew is lost. */
export const endMarkLost: View = (sight) => {
  let left = 1;
  return fromLine(sight, {
    at: () => {
      void expire(sight.member);
      void sight.cell.disturb(() => sleep(END_MARK_MS));
      return DROP;
    },
    others: ({ plural, isEndMark }) => {
      if (plural !== PLURAL || !isEndMark || left === 0) return PASS;
      left -= 1;
      return DROP;
    },
  });
};

/** The watches end, and can't be resumed: their versions are compacted away. Resolves when the whole state of each kind came anew. */
export async function expire({ proxy }: Member): Promise<void> {
  const last = proxy.lines.at(-1);
  for (const plural of WATCHED) proxy.fault(isResumedOf(plural), { kind: 'answer', status: 410, body: GONE }, 1);
  proxy.cutWatches('reset');
  const cameAnew = (plural: string): boolean =>
    proxy.lines.slice(last === undefined ? 0 : proxy.lines.lastIndexOf(last) + 1).some((line) => line.isEndMark && line.plural === plural);
  const until = performance.now() + ANEW_MS;
  while (!WATCHED.every(cameAnew) && performance.now() < until) await sleep(LOOK_MS);
}
