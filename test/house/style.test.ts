import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';

/** The rules that biome, with our configuration, says these sources break. */
function broken(sources: Readonly<Record<string, string>>): string[] {
  for (const [path, source] of Object.entries(sources)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/biome'), ['lint', '--reporter=json', '.'], { cwd: folder, encoding: 'utf8' });
  const report: { diagnostics: { category: string }[] } = JSON.parse(stdout);
  return report.diagnostics.map(({ category }) => category);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'matchday-style-'));
  for (const name of ['biome.json', '.gitignore', 'package.json']) copyFileSync(join(ROOT, name), join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the style rules', { timeout: 60_000 }, () => {
  it('refuse a promise that nobody waits for, also one that another file makes', () => {
    const sources = {
      'src/base/maker.ts': 'export async function make(): Promise<number> {\n  return await Promise.resolve(1);\n}\n',
      'src/base/user.ts': "import { make } from './maker.ts';\n\nexport function use(): void {\n  make();\n}\n",
    };
    expect(broken(sources)).toEqual(['lint/nursery/noFloatingPromises']);
  });

  it.each([
    ['any', 'export const x: any = 1;\n', 'lint/suspicious/noExplicitAny'],
    ['a non-null assertion', 'export const f = (x?: string): string => x!;\n', 'lint/style/noNonNullAssertion'],
    ['the console', "console.log('x');\n", 'lint/suspicious/noConsole'],
    ['the environment', "export const home = () => process.env['HOME'];\n", 'lint/style/noProcessEnv'],
    ['an enum', 'export enum X {\n  A = 1,\n}\n', 'lint/style/noEnum'],
    ['a parameter property', 'export class X {\n  constructor(readonly a: string) {}\n}\n', 'lint/style/noParameterProperties'],
    ['five arguments in a row', 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => [a, b, c, d, e];\n', 'lint/complexity/useMaxParams'],
    ['a package that is not declared', "import x from 'left-pad';\n\nexport const y = x;\n", 'lint/correctness/noUndeclaredDependencies'],
    ['an import without its ending', "import { x } from './x';\n\nexport const y = x;\n", 'lint/correctness/useImportExtensions'],
  ])('refuse %s in src', (_case, source, rule) => {
    expect(broken({ 'src/base/probe.ts': source, 'src/base/x.ts': 'export const x = 1;\n' })).toContain(rule);
  });
});
