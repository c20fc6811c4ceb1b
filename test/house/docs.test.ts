import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
/** Without code: a pattern may look like a link. */
const prose = (path: string) => read(path).replace(/```.*?```|`[^`\n]*`/gs, '');
const pages = globSync('{*.md,docs/**/*.md}', { cwd: ROOT });
const sources = globSync('{src,sandbox,scripts,test}/**/*.ts', { cwd: ROOT });

/** Numbers of the headings, such as 1.9, 5a, 7. */
const headings = (path: string) =>
  new Set([...read(path).matchAll(/^#+ (?:Part )?([0-9]+(?:\.[0-9]+)?[a-z]?)\.? /gm)].map(([, number]) => number));

/** What of `pattern`'s first group is cited and not among `known`. */
const astray = (pattern: RegExp, known: ReadonlySet<string | undefined>) =>
  sources.flatMap((path) =>
    [...read(path).matchAll(pattern)].filter(([, number]) => !known.has(number)).map(([cited]) => `${path}: ${cited}`),
  );

describe('the pages', () => {
  it.each(pages)('%s links only to what is there', (page) => {
    const links = [...prose(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link = '']) => link);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });
});

describe('comments that cite', () => {
  it('the contracts name a section that exists', () => {
    expect(astray(/\bcontracts (?:§ ?)?([0-9]+\.[0-9]+)/g, headings('docs/contracts.md'))).toEqual([]);
  });

  it('the design name a section that exists', () => {
    expect(astray(/\bdesign § ?([0-9]+[a-z]?)/g, headings('docs/design.md'))).toEqual([]);
  });
});
