/** Single rows of the reflector's behaviour against scripted byte streams; the real server is met in reflector-faults.cluster.test.ts. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { type Rig, type RigOptions, rig, until } from './harness.ts';
import { answer, bookmark, line, note, type Script, type ScriptedApi, type ScriptedRequest, scriptedApi, status } from './scripted-api.ts';

interface Wired extends Rig {
  readonly api: ScriptedApi;
}

async function wired(script: Script, options: Partial<RigOptions> = {}): Promise<Wired> {
  const api = await scriptedApi(script);
  const made = rig({ server: api.url, ...options });
  const dispose = async () => {
    await made[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  };
  return { ...made, api, [Symbol.asyncDispose]: dispose };
}

const isInitial = ({ query }: ScriptedRequest): boolean => query.has('sendInitialEvents');
const isResume = ({ query }: ScriptedRequest): boolean => query.has('watch') && query.has('resourceVersion');
const isPage = ({ query }: ScriptedRequest): boolean => query.has('limit') && !query.has('watch');
const failed = ({ notes }: Rig): string[] => notes.flatMap((one) => (one.type === 'failed' ? [one.error.message] : []));
const pauses = ({ notes }: Rig): number[] => notes.flatMap((one) => (one.type === 'failed' ? [one.retryInMs] : []));

describe('a reflector', () => {
  it('asks for a streamed state first, takes it to its end mark, and goes on with the same stream', async () => {
    await using made = await wired((_, response) => {
      response.write(line('ADDED', note('a', 5)) + line('ADDED', note('b', 3)) + bookmark(10, true) + line('MODIFIED', note('a', 11)));
    });
    await until('all is in', () => made.store.get({ namespace: 'ns', name: 'a' })?.spec?.text === 'v11');
    expect(made.api.requests).toHaveLength(1);
    expect(Object.fromEntries(made.api.requests[0]!.query)).toMatchObject({
      watch: 'true',
      allowWatchBookmarks: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
    });
    expect(made.notes).toEqual([{ type: 'complete', objects: 2 }]);
  });

  it('is not synced before the end mark, and ignores a last line that was cut off', async () => {
    await using made = await wired(
      (request, response) =>
        void (isInitial(request)
          ? response.end(line('ADDED', note('a', 5)) + line('ADDED', note('b', 6)).slice(0, 30))
          : response.flushHeaders()),
    );
    await until('the first object is in', () => made.store.size === 1);
    expect(made.store.synced).toBe(false);
  });

  it('takes a state whose stream ended without its end mark in pages', async () => {
    await using made = await wired((request, response) => {
      if (isPage(request)) answer(response, 200, { items: [note('a', 5)], metadata: { resourceVersion: '9' } });
      else if (isInitial(request)) response.end(line('ADDED', note('a', 5)));
      else response.flushHeaders();
    });
    expect(await made.reflector.whenSynced).toBe(true);
    await until('it resumes from the list', () =>
      made.api.requests.some((request) => isResume(request) && request.query.get('resourceVersion') === '9'),
    );
  });

  it('reads events that arrive in pieces of a few bytes, with letters of several bytes torn apart', async () => {
    await using made = await wired((request, response) => {
      const bytes = Buffer.from(line('ADDED', note('a', 5, { text: 'Atlético — ＦＣ ⚽' })) + bookmark(10, true));
      const piece = (from: number): void => {
        if (from < bytes.length) response.write(bytes.subarray(from, from + 7), () => setImmediate(piece, from + 7));
      };
      if (isInitial(request)) piece(0);
    });
    await made.reflector.whenSynced;
    expect(made.store.list()[0]?.spec?.text).toBe('Atlético — ＦＣ ⚽');
  });

  it('starts its pages over when the continue token has expired', async () => {
    let lists = 0;
    await using made = await wired((request, response) => {
      if (isInitial(request)) answer(response, 422, status(422, 'Invalid'));
      else if (!isPage(request)) response.flushHeaders();
      else if (request.query.has('continue')) {
        lists += 1;
        if (lists === 1) answer(response, 410, status(410, 'Expired'));
        else answer(response, 200, { items: [note('b', 6)], metadata: { resourceVersion: '9' } });
      } else answer(response, 200, { items: [note('a', 5)], metadata: { resourceVersion: '9', continue: 'next' } });
    });
    await made.reflector.whenSynced;
    expect(made.store.list()).toHaveLength(2);
  });

  it('relists at once after one 410, but does not spin when each relist leads to the next', async () => {
    await using made = await wired(
      (request, response, count) =>
        void (isInitial(request)
          ? response.end(bookmark(count, true) + line('ERROR', status(410, 'Expired')))
          : answer(response, 410, status(410, 'Gone'))),
      { timing: { backoffBaseMs: 50, backoffCapMs: 400 } },
    );
    await made.reflector.whenSynced;
    await until('relisted', () => made.api.requests.filter(isInitial).length >= 4);
    const relists = made.api.requests.filter(isInitial).length;
    const spun = performance.now();
    await until('a while has passed', () => performance.now() - spun > 400);
    expect(made.api.requests.filter(isInitial).length - relists).toBeLessThanOrEqual(8);
  });

  it('backs off when each stream ends as soon as it began', async () => {
    await using made = await wired((request, response) => void (isInitial(request) ? response.end(bookmark(10, true)) : response.end('')));
    await until('the pauses grew', () => pauses(made).length >= 4);
    const [first = 0, , , fourth = 0] = pauses(made);
    expect(fourth).toBeGreaterThan(4 * first);
    expect(failed(made)[0]).toContain('ended as soon as it began');
  });

  it('waits as long as Retry-After says, where that is longer than its own pause', async () => {
    await using made = await wired((_, response) => answer(response, 429, status(429, 'TooManyRequests'), { 'retry-after': '30' }));
    await until('it was refused', () => pauses(made).length === 1);
    expect(pauses(made)).toEqual([30_000]);
  });

  it('in a long pause comes back as soon as the server does, and keeps the pause while only its watch is refused', async () => {
    let down = true;
    let refusing = true;
    await using made = await wired(
      (request, response) => {
        if (request.path === '/version') answer(response, down ? 503 : 200, {});
        else if (refusing) answer(response, 503, status(503, 'ServiceUnavailable'), { 'retry-after': '3600' });
        else response.write(bookmark(10, true));
      },
      { timing: { probeEveryMs: 20 } },
    );
    const probes = () => made.api.requests.filter(({ path }) => path === '/version').length;
    await until('it asks', () => probes() >= 2);
    down = false;
    await until('it tried again', () => pauses(made).length === 2);
    const asked = probes();
    await until('it asks on', () => probes() >= asked + 3);
    expect(pauses(made)).toHaveLength(2);
    down = true;
    const before = probes();
    await until('the outage was seen', () => probes() >= before + 2);
    refusing = false;
    down = false;
    expect(await made.reflector.whenSynced).toBe(true);
  });

  it('never resumes from a version older than the newest it saw', async () => {
    await using made = await wired((request, response) => {
      if (isInitial(request)) response.end(bookmark(50, true) + line('ADDED', note('a', 60)) + line('MODIFIED', note('a', 55)));
      else response.flushHeaders();
    });
    await until('it resumed', () => made.api.requests.some(isResume));
    expect(made.api.requests.find(isResume)!.query.get('resourceVersion')).toBe('60');
    expect(made.store.list()[0]?.metadata.resourceVersion).toBe('60');
  });

  it('treats a bookmark that is behind as a sign of a store that went back, and asks a quorum before it believes it', async () => {
    let quorum = '70';
    await using made = await wired((request, response) => {
      if (isPage(request)) answer(response, 200, { items: [], metadata: { resourceVersion: quorum } });
      else if (isInitial(request)) response.write(line('ADDED', note('a', 60)) + bookmark(quorum, true) + bookmark(40));
      else response.flushHeaders();
    });
    await until('the lagging server was noticed', () => failed(made).some((message) => message.includes('older resourceVersion 40')));
    expect(made.wentBack).toEqual([]);
    quorum = '45';
    await until('the process is told', () => made.wentBack.length > 0);
    expect(made.wentBack).toEqual([{ plural: 'notes', highWater: '70', version: '45' }]);
    expect(made.store.list()).toHaveLength(1);
  });

  it('survives events that are no JSON, have no metadata, or are of an unknown type', async () => {
    const broken = [
      '{"type": "ADD\n',
      '{"type":"ADDED","object":7}\n',
      line('INVENTED', note('a', 5)),
      '[]\n',
      line('BOOKMARK', { metadata: {} }),
    ];
    await using made = await wired((request, response, count) => {
      if (isInitial(request)) response.write(broken[count - 1] ?? bookmark(10, true));
    });
    await made.reflector.whenSynced;
    expect(failed(made).filter((message) => message.includes('UNREADABLE'))).toHaveLength(broken.length);
  });

  it('survives a reporter that throws', async () => {
    await using made = await wired(
      (_, response, count) => void (count < 3 ? answer(response, 500, {}) : response.write(bookmark(10, true))),
      {
        reflector: {
          report: () => {
            throw new Error('no');
          },
        },
      },
    );
    expect(await made.reflector.whenSynced).toBe(true);
  });

  it('passes its namespace and selectors on, to lists as to watches', async () => {
    await using made = await wired(
      (request, response) =>
        void (isInitial(request)
          ? answer(response, 400, status(400, 'BadRequest'))
          : answer(response, 200, { items: [], metadata: { resourceVersion: '9' } })),
      { reflector: { namespace: 'ns', labelSelector: 'app=x', fieldSelector: 'metadata.name=a' } },
    );
    await made.reflector.whenSynced;
    for (const { path, query } of made.api.requests.slice(0, 2)) {
      expect(path).toBe('/apis/test.matchday.dev/v1/namespaces/ns/notes');
      expect(Object.fromEntries(query)).toMatchObject({ labelSelector: 'app=x', fieldSelector: 'metadata.name=a' });
    }
  });

  it('stops in the middle of a pause, and what waits for its first state is told', async () => {
    const made = await wired((_, response) => answer(response, 500, {}, { 'retry-after': '3600' }), {
      timing: { probeEveryMs: 7_200_000 },
    });
    await until('it pauses', () => pauses(made).length === 1);
    const synced = made.reflector.whenSynced;
    await made[Symbol.asyncDispose]();
    expect(await synced).toBe(false);
  });

  it('is stale until it has a state, and again after a silence that no live watch has', async () => {
    let now = 0;
    await using made = await wired((_, response) => void response.write(bookmark(10, true)), {
      timing: { idleMs: 60_000, backoffCapMs: 30_000 },
      reflector: { clock: { monotonicMs: () => now } },
    });
    expect(made.reflector.stale).toBe(true);
    await made.reflector.whenSynced;
    expect([made.reflector.stale, made.reflector.silentForMs]).toEqual([false, 0]);
    now = 90_001;
    expect([made.reflector.stale, made.reflector.silentForMs]).toEqual([true, 90_001]);
  });
});

describe('an initial state of 20,000 objects', () => {
  it.each([
    ['as a stream', true, 0],
    ['in pages', false, 40],
  ])(
    '%s leaves the event loop a turn every 20 ms',
    // Own CPU time, and yet a collection of garbage may fall into the hundredth turn: measured again then.
    { timeout: 60_000, retry: 2 },
    async (_, canStream, pages) => {
      const worker = new Worker(new URL('./crowd-server.ts', import.meta.url), { workerData: { objects: 20_000, canStream } });
      try {
        const [port] = (await once(worker, 'message')) as [number];
        const meter = turnMeter();
        const requests: unknown[] = [];
        await using made = rig({
          server: `http://127.0.0.1:${port}`,
          connect: { observe: (seen) => requests.push(seen) },
          timing: { initialIdleMs: 60_000, startTimeoutMs: 60_000 },
        });
        await made.reflector.whenSynced;
        const turns = meter.stop();
        expect(made.store.size).toBe(20_000);
        expect(turns.length).toBeGreaterThan(10);
        expect(percentile(turns, 0.99)).toBeLessThanOrEqual(20);
        if (pages > 0) expect(requests.length).toBeGreaterThanOrEqual(pages);
      } finally {
        await worker.terminate();
      }
    },
  );
});

/**
 * Milliseconds of this thread's own CPU in each turn of the event loop that did any work: the delay that the work causes, without
 * what a busy machine adds to it.
 */
function turnMeter(): { stop(): number[] } {
  const turns: number[] = [];
  let last = process.threadCpuUsage();
  let immediate: NodeJS.Immediate;
  const turn = (): void => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    if (user + system > 500) turns.push((user + system) / 1_000);
    immediate = setImmediate(turn);
  };
  immediate = setImmediate(turn);
  return {
    stop: () => {
      clearImmediate(immediate);
      return turns;
    },
  };
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN;
}
