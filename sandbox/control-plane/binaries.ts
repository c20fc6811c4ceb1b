/**
 * Finds the programs of the control plane: `KUBEBUILDER_ASSETS` when set, else the cache, else a build from the pinned modules. (The other
 * way, an existing cluster, needs none: see cluster.ts.)
 */
import path from 'node:path';
import { BuildFailed, buildMissing, isProgram, type Program, type Progress } from '../go/build.ts';
import { cacheDirectory, MODULE_DIRECTORY } from './cache.ts';
import { COMPONENTS, type Component, ESSENTIAL, KUBERNETES_VERSION, LINKER_FLAGS } from './components.ts';

export interface FindOptions {
  /** etcd, kubectl and kube-apiserver unless told. */
  readonly components?: readonly Component[];
  /** Read for KUBEBUILDER_ASSETS, XDG_CACHE_HOME, HOME and PATH; the process's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /** Lines on standard error unless told. */
  readonly progress?: Progress;
}

/** Paths of the programs that were asked for. */
export type Binaries = ReadonlyMap<Component, string>;

/** No way led to the programs; the message names them all. */
export class NoControlPlane extends Error {
  override readonly name = 'NoControlPlane';
}

/** Finds or builds the programs; a first build takes minutes, and says so. Throws `NoControlPlane` with what can be done. */
export async function findBinaries(options: FindOptions = {}): Promise<Binaries> {
  const { components = ESSENTIAL, env = process.env, progress = toStandardError } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  const found = assets ? await findInAssets(assets, components) : new Map<Component, string>();
  const rest = components.filter((component) => !found.has(component));
  if (rest.length === 0) return found;
  const directory = await cacheDirectory(env);
  const programs = rest.map(programOf);
  await buildMissing({ programs, estimate: '6 to 9 minutes', directory, env, progress }).catch((error: unknown) => {
    throw explain({ error, components: rest, directory, assets });
  });
  for (const component of rest) found.set(component, path.join(directory, component));
  return found;
}

function programOf(name: Component): Program {
  return { name, ...COMPONENTS[name], module: MODULE_DIRECTORY, linkerFlags: LINKER_FLAGS };
}

/** envtest's archive has no controller manager, so that one may come from elsewhere; of the rest, a set variable that leads nowhere is a mistake. */
async function findInAssets(assets: string, components: readonly Component[]): Promise<Map<Component, string>> {
  const found = new Map<Component, string>();
  for (const component of components) {
    const file = path.join(assets, component);
    if (await isProgram(file)) found.set(component, file);
    else if (ESSENTIAL.includes(component)) {
      throw new NoControlPlane(
        `KUBEBUILDER_ASSETS is ${assets}, but there is no program ${file}. Correct the variable, or unset it to have ${component} built.`,
      );
    }
  }
  return found;
}

interface Failure {
  readonly error: unknown;
  readonly components: readonly Component[];
  readonly directory: string;
  readonly assets: string | undefined;
}

function explain({ error, components, directory, assets }: Failure): NoControlPlane {
  const names = components.join(', ');
  const why = error instanceof Error ? error.message : String(error);
  const missingGo = error instanceof BuildFailed && error.withoutGo;
  const lines = [
    `There is no control plane to start: ${names} can't be had. Any of these helps:`,
    '  1. use an existing cluster: --context NAME (and --kubeconfig PATH)',
    `  2. set KUBEBUILDER_ASSETS to a directory with etcd, kube-apiserver and kubectl (it is ${assets ? `${assets}, which lacks them` : 'not set'})`,
    `  3. put programs of Kubernetes ${KUBERNETES_VERSION} into the cache ${directory} (they are not there)`,
    `  4. let them be built: install Go (https://go.dev/dl), which needs proxy.golang.org or another GOPROXY (${missingGo ? 'there is no "go" in PATH' : 'it was tried and failed, see below'})`,
  ];
  if (!missingGo) lines.push(why);
  return new NoControlPlane(lines.join('\n'), { cause: error });
}

function toStandardError(line: string): void {
  process.stderr.write(`control plane: ${line}\n`);
}
