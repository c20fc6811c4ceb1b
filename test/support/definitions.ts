/** The generated definitions of our kinds on a test's API server. */
import { setTimeout } from 'node:timers/promises';
import { stringify } from 'yaml';
import { customResourceDefinition, KINDS } from '../../src/crds/definitions.ts';
import { GROUP } from '../../src/crds/kube.ts';
import type { TestCluster } from './cluster.ts';

/** Applies what deploy/crds holds and waits until the API server serves it. */
export async function applyDefinitions(cluster: TestCluster): Promise<void> {
  const definitions = KINDS.map(customResourceDefinition);
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], {
    input: definitions.map((definition) => stringify(definition, { aliasDuplicateObjects: false })).join('---\n'),
  });
  if (code !== 0) throw new Error(`the definitions were refused: ${stderr}`);
  await untilServed(
    cluster,
    definitions.map(({ metadata }) => metadata.name),
  );
}

/** `api-resources` also renews kubectl's own memory of what is served, which `explain` and short names are read from. */
async function untilServed(cluster: TestCluster, names: readonly string[]): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { stdout } = await cluster.kubectl(['api-resources', `--api-group=${GROUP}`, '-o', 'name']);
    if (names.every((name) => stdout.split('\n').includes(name))) return;
    if (performance.now() > deadline) throw new Error(`the API server does not serve ${names.join(', ')}, only: ${stdout}`);
    await setTimeout(100);
  }
}
