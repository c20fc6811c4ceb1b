/** Compares the imports of sources with the rules. Pure, so that a test can show each rule an import that it must refuse. */
import { posix } from 'node:path';
import { type ImportStatement, importsOf } from './imports.ts';
import { LAYERS, type Layer } from './rules.ts';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly source: string;
}

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Folders beside `src` may use all of it, and nothing of `src` may use them. */
export function checkLayering(files: readonly SourceFile[], layers: readonly Layer[] = LAYERS): Violation[] {
  const sources = files
    .filter(({ path }) => path.startsWith('src/'))
    .map(({ path, source }) => ({ path, imports: importsOf(path, source) }));
  const layerOf = assign(sources, layers);
  return sources.flatMap((source) => checkFile(source, layerOf));
}

interface Source {
  readonly path: string;
  readonly imports: readonly ImportStatement[];
}
type LayerOf = (path: string) => Layer | undefined;

/** The first layer that a path belongs to. */
function assign(sources: readonly Source[], layers: readonly Layer[]): LayerOf {
  const reached = new Map(layers.map((layer) => [layer, reachedBy(sources, layer)]));
  return (path) => layers.find((layer) => layer.files.test(path) && (reached.get(layer)?.has(path) ?? true));
}

/** Undefined: the layer has all of its files. */
function reachedBy(sources: readonly Source[], { files, reachedFrom }: Layer): ReadonlySet<string> | undefined {
  if (reachedFrom === undefined) return undefined;
  const within = new Map(sources.filter(({ path }) => files.test(path)).map((source) => [source.path, source]));
  const reached = new Set([...within.keys()].filter((path) => reachedFrom.test(path)));
  // A Set is walked in order of insertion, and what is added on the way is walked too.
  for (const path of reached) {
    for (const { specifier } of within.get(path)?.imports ?? []) {
      const target = specifier === undefined ? undefined : targetOf(path, specifier);
      if (target !== undefined && within.has(target)) reached.add(target);
    }
  }
  return reached;
}

function checkFile({ path, imports }: Source, layerOf: LayerOf): Violation[] {
  const layer = layerOf(path);
  if (layer === undefined) return [{ path, line: 1, message: 'belongs to no layer: name it in scripts/layering/rules.ts' }];
  return imports.flatMap(({ line, specifier }) => {
    const problem = problemOf({ path, layer, specifier, layerOf });
    return problem === undefined ? [] : [{ path, line, message: `${problem}: ${layer.because}` }];
  });
}

function problemOf(options: { path: string; layer: Layer; specifier: string | undefined; layerOf: LayerOf }): string | undefined {
  const { path, layer, specifier, layerOf } = options;
  if (specifier === undefined) return 'an import of a computed name can not be checked';
  const target = targetOf(path, specifier);
  if (target === undefined) return packageProblem(layer, specifier);
  const other = layerOf(target);
  if (other === undefined) return `${layer.name} must not import ${target}`;
  if (other === layer || layer.mayImport.includes(other.name)) return undefined;
  return `${layer.name} must not import ${other.name} (${target})`;
}

/** The path of a relative import; undefined for a package. */
function targetOf(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

function packageProblem(layer: Layer, specifier: string): string | undefined {
  const name = specifier.startsWith('node:') ? 'node:' : packageName(specifier);
  if (layer.packages === undefined || layer.packages.includes(name)) return undefined;
  return `${layer.name} must not import the package ${specifier}`;
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
