/** Compares the imports of sources with the rules. Pure, so that a test can show each rule an import that it must refuse. */
import { posix } from 'node:path';
import { importsOf } from './imports.ts';
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
  return files.filter(({ path }) => path.startsWith('src/')).flatMap((file) => checkFile(file, layers));
}

function checkFile({ path, source }: SourceFile, layers: readonly Layer[]): Violation[] {
  const layer = layerOf(path, layers);
  if (layer === undefined) return [{ path, line: 1, message: 'belongs to no layer: name it in scripts/layering/rules.ts' }];
  return importsOf(path, source).flatMap(({ line, specifier }) => {
    const problem = problemOf({ path, layer, specifier, layers });
    return problem === undefined ? [] : [{ path, line, message: `${problem}: ${layer.because}` }];
  });
}

function problemOf(options: { path: string; layer: Layer; specifier: string | undefined; layers: readonly Layer[] }): string | undefined {
  const { path, layer, specifier, layers } = options;
  if (specifier === undefined) return 'an import of a computed name can not be checked';
  if (!specifier.startsWith('.')) return packageProblem(layer, specifier);
  const target = posix.join(posix.dirname(path), specifier);
  const other = layerOf(target, layers);
  if (other === undefined) return `${layer.name} must not import ${target}`;
  if (other === layer || layer.mayImport.includes(other.name)) return undefined;
  return `${layer.name} must not import ${other.name} (${target})`;
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

function layerOf(path: string, layers: readonly Layer[]): Layer | undefined {
  return layers.find(({ files }) => files.test(path));
}
