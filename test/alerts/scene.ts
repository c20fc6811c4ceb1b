/** What the scenes of the alerts share: a sandbox that is recorded, and a note of when each alert had its cause. */
import { type Stack, type StackOptions, startStack } from '../../sandbox/stack/index.ts';
import { BRISK_LEASE } from '../operator/support.ts';
import { clusterForTests } from '../support/cluster.ts';
import { Recorder, type Recording } from './recorder.ts';
import { ASKED } from './rules.ts';

/** A short margin and time-out, as of the sandbox: what is played is near its send. */
export const QUICK = { margin: '10s', requestTimeout: '1s' } as const;

export interface Play {
  readonly stack: Stack;
  readonly recorder: Recorder;
  /** From now on the alert has its cause. */
  cause(alert: string): void;
}

/** A scene that was played, as the judge gets it. */
export interface Scene {
  readonly name: string;
  readonly recording: Recording;
  /** The alerts that must fire, and since when they had their cause. */
  readonly causes: ReadonlyMap<string, Temporal.Instant>;
  /** Those that rightly fire beside them. No other may. */
  readonly beside: readonly string[];
}

interface SceneOptions extends StackOptions {
  readonly name: string;
  readonly beside?: readonly string[];
}

/** Plays a scene on a sandbox of its own. */
export async function scene({ name, beside = [], ...options }: SceneOptions, play: (play: Play) => Promise<void>): Promise<Scene> {
  await using stack = await startStack({ cluster: await clusterForTests(), operatorFlags: BRISK_LEASE, ...options });
  const recorder = new Recorder(stack, ASKED);
  const causes = new Map<string, Temporal.Instant>();
  const cause = (alert: string): void => void causes.set(alert, stack.clock.now());
  await play({ stack, recorder, cause });
  return { name, recording: recorder.recording(), causes, beside };
}
