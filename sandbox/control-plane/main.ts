/** `node sandbox/control-plane/main.ts build`: gets the control plane's programs ready ahead of time, and prints where they are. */
import { parseArgs } from 'node:util';
import { findBinaries, NoControlPlane } from './binaries.ts';
import { type Component, ESSENTIAL } from './components.ts';

const USAGE = `usage: node sandbox/control-plane/main.ts build [--controller-manager]
  build   finds or builds etcd, kubectl and kube-apiserver and prints their paths`;

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'controller-manager': { type: 'boolean', default: false } },
  });
  if (positionals.length !== 1 || positionals[0] !== 'build') {
    console.error(USAGE);
    return 2;
  }
  const extra: Component[] = values['controller-manager'] ? ['kube-controller-manager'] : [];
  for (const file of (await findBinaries({ components: [...ESSENTIAL, ...extra] })).values()) console.log(file);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  // These two are written for people; anything else is a bug and deserves its stack.
  const forPeople = error instanceof NoControlPlane || (error instanceof TypeError && 'code' in error);
  console.error(forPeople ? error.message : error);
  process.exitCode = forPeople && !(error instanceof NoControlPlane) ? 2 : 1;
}
