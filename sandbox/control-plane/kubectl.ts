import type { Writable } from 'node:stream';
import { type RunResult, runTied } from '../process/run-tied.ts';

export interface KubectlRunOptions {
  /** Standard input, for `apply -f -`. */
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs kubectl with admin rights; resolves whatever its exit code is. */
export type Kubectl = (args: readonly string[], options?: KubectlRunOptions) => Promise<RunResult>;

export interface KubectlOptions {
  readonly program: string;
  readonly kubeconfigPath: string;
  /** Keeps kubectl's discovery cache out of the user's home. */
  readonly cacheDirectory: string;
  /** Of the directory that holds both. */
  readonly lease: Writable;
}

/** A kubectl that is bound to one cluster. */
export function makeKubectl({ program, kubeconfigPath, cacheDirectory, lease }: KubectlOptions): Kubectl {
  const bound = ['--kubeconfig', kubeconfigPath, '--cache-dir', cacheDirectory];
  return (args, options = {}) => runTied({ command: program, args: [...bound, ...args], lease, ...options });
}
