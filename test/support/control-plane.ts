/**
 * Global set-up of the vitest project of the *.cluster.test.ts files: one control plane that they share. vitest runs it only when such a
 * file was chosen, and before any test's time-out counts, so the minutes of a first build hit no test.
 */
import type { TestProject } from 'vitest/node';
import { startControlPlane } from '../../sandbox/control-plane/control-plane.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the shared control plane's kubeconfig; use `clusterForTests` instead. */
    sharedKubeconfig: string;
    sharedKubectl: string;
  }
}

/** Starts the shared control plane; vitest calls the returned function after the last test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plane = await startControlPlane();
  project.provide('sharedKubeconfig', plane.kubeconfigPath);
  project.provide('sharedKubectl', plane.binaries.get('kubectl') ?? 'kubectl');
  return () => plane.stop();
}
