import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FLAG_NAMES, flagRow, variableOf } from '../../src/config/flags.ts';
import { flagsPage } from '../../src/config/help.ts';
import { loadConfig } from '../../src/config/load.ts';
import { eventsPage } from '../../src/telemetry/events-page.ts';
import { metricsPage } from '../../src/telemetry/metrics-page.ts';

const page = (name: string) => readFileSync(new URL(`../../docs/reference/${name}`, import.meta.url), 'utf8');

describe('the help of matchday run', () => {
  it.each([[['--help']], [['-h']], [['--log-level', 'nonsense', '--help']]])('answers %j, whatever else is wrong', (argv) => {
    const loaded = loadConfig({ argv, env: {}, readFile: () => expect.unreachable('reads a file') });
    const help = 'help' in loaded ? loaded.help : expect.unreachable('no help');
    for (const name of FLAG_NAMES) expect(help).toContain(`  --${name} `);
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

describe('docs/reference', () => {
  it('flags.md says what the table says, and every flag has a line', () => {
    expect(page('flags.md')).toBe(flagsPage());
    for (const name of FLAG_NAMES) expect(flagsPage()).toContain(`| \`--${name}\` | \`${variableOf(name)}\` |`);
  });

  it('events.md says what the table says', () => {
    expect(page('events.md')).toBe(eventsPage());
  });

  it('metrics.md says what the table says', () => {
    expect(page('metrics.md')).toBe(metricsPage());
  });
});

describe('the flags', () => {
  it('are those of the design, whose page names each', () => {
    const design = readFileSync(new URL('../../docs/design.md', import.meta.url), 'utf8');
    const process = design.slice(design.indexOf('## 6a.'), design.indexOf('## 7.'));
    for (const name of FLAG_NAMES) expect(process).toContain(`--${name}`);
    for (const [, flag = ''] of process.matchAll(/`[^`]*?--([a-z-]+)/g)) expect([...FLAG_NAMES, 'keep']).toContain(flag);
  });

  it('have a help that is a sentence', () => {
    for (const name of FLAG_NAMES) expect(flagRow(name).help).toMatch(/^[A-Z].*\.$/);
  });
});
