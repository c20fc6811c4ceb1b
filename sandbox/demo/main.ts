/**
 * `make demo`: a match day in about two minutes, for somebody who has never seen Matchday. Exit code 0 only when the closing table is as
 * promised: every due fixture delivered once, none twice, none lost. Whatever ends it (its end, Ctrl-C, a failure), no process is left.
 */
import { parseArgs } from 'node:util';
import { NoControlPlane } from '../control-plane/binaries.ts';
import { NotInTime } from '../process/until.ts';
import type { Stack } from '../stack/index.ts';
import { play } from './chapters.ts';
import { Screen } from './screen.ts';
import { startStage } from './stage.ts';
import type { Tally } from './tally.ts';

const USAGE = `usage: node sandbox/demo/main.ts [--keep] [--context NAME] [--kubeconfig PATH]
  --keep             stay up after the closing table, until Ctrl-C
  --context NAME     use this cluster of your kubeconfig rather than one of our own
  DEMO_SECONDS=170   give up after so many seconds, counted from the moment the cluster is there`;

const DEFAULT_SECONDS = 170;
/** Four of the first kickoff, and the one that was brought forward to it. */
const PROMISED = 5;

interface Arguments {
  readonly keep: boolean;
  readonly context: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly seconds: number;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, context: { type: 'string' }, kubeconfig: { type: 'string' } },
  });
  const seconds = Number(process.env['DEMO_SECONDS'] ?? DEFAULT_SECONDS);
  if (!(seconds > 0)) throw new TypeError('DEMO_SECONDS must be a number of seconds');
  return { keep: values.keep, context: values.context, kubeconfig: values.kubeconfig, seconds };
}

/** Ends the demo at Ctrl-C: in good order, or at once when there is nothing yet that would stay behind or when it is asked twice. */
function onInterrupt(isUp: () => boolean): AbortSignal {
  const end = new AbortController();
  const stop = (): void => {
    if (end.signal.aborted || !isUp()) process.exit(130);
    end.abort(new Interrupted('interrupted'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return end.signal;
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

async function main({ keep, context, kubeconfig, seconds }: Arguments): Promise<number> {
  let up = context !== undefined || kubeconfig !== undefined;
  const interrupted = onInterrupt(() => up);
  console.log('Matchday: one match day in about two minutes. Ctrl-C ends it and leaves nothing behind.');
  console.log('A control plane is started; on a new machine it is built first (about ten minutes, cached afterwards).');
  const existing = { ...(context === undefined ? {} : { context }), ...(kubeconfig === undefined ? {} : { kubeconfig }) };
  await using stack = await startStage(up ? { existing } : {});
  up = true;
  const screen = new Screen({ out: process.stdout, env: process.env, now: () => stack.clock.now() });
  const timeUp = timeUpAfter(seconds);
  try {
    const result = await play({ stack, screen, signal: AbortSignal.any([interrupted, timeUp]) });
    const code = verdict(screen, result);
    if (keep) await stayUp(stack, screen, interrupted);
    return code;
  } catch (error) {
    if (error instanceof Interrupted) {
      screen.print('\nInterrupted; everything is taken down.');
      return 130;
    }
    tellFailure(stack, screen, error);
    return 1;
  }
}

function timeUpAfter(seconds: number): AbortSignal {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new NotInTime(`the demo is not over after ${seconds} s (DEMO_SECONDS)`)), seconds * 1000);
  timer.unref();
  return end.signal;
}

function verdict(screen: Screen, { once, twice, lost }: Tally): number {
  if (twice.length === 0 && lost.length === 0 && once.length >= PROMISED) {
    screen.print(screen.styled(`As promised: ${once.length} fixtures were due, each fan heard of each exactly once.`, 'green'));
    return 0;
  }
  const wrong = [
    ...twice.map((name) => `${name} was delivered twice`),
    ...lost.map((name) => `${name} was lost`),
    ...(once.length < PROMISED ? [`${once.length} deliveries rather than ${PROMISED}`] : []),
  ];
  screen.print(screen.styled(`NOT as promised: ${wrong.join(', ')}.`, 'red'));
  return 1;
}

async function stayUp(stack: Stack, screen: Screen, interrupted: AbortSignal): Promise<void> {
  screen.print();
  screen.print('It stays up (--keep) until Ctrl-C:');
  screen.print(`   export KUBECONFIG=${stack.cluster.kubeconfigPath}`);
  screen.print(`   kubectl -n ${stack.namespace} get mn,ff,bw -o wide`);
  if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve, { once: true }));
}

function tellFailure(stack: Stack, screen: Screen, error: unknown): void {
  screen.print(screen.styled(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`, 'red'));
  for (const operator of stack.operators) screen.print(`The end of what ${operator.name} said:\n${operator.output.tail(15)}`);
}

try {
  process.exit(await main(readArguments()));
} catch (error) {
  // These are written for people; anything else is a bug and deserves its stack.
  const misused = error instanceof TypeError && 'code' in error;
  if (misused) console.error(`${error.message}\n${USAGE}`);
  else console.error(error instanceof NoControlPlane ? error.message : error);
  process.exit(misused ? 2 : 1);
}
