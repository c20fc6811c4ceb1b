/**
 * Writes the references in docs that are made from tables of the source; with `--check` it fails when one differs, and says which
 * command puts it right.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { cliPage } from '../src/cli/page.ts';
import { flagsPage } from '../src/config/help.ts';
import { eventsPage } from '../src/telemetry/events-page.ts';
import { metricsPage } from '../src/telemetry/metrics-page.ts';

const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/cli.md': cliPage,
  'docs/reference/events.md': eventsPage,
  'docs/reference/flags.md': flagsPage,
  'docs/reference/metrics.md': metricsPage,
};

const check = process.argv.includes('--check');
for (const [path, page] of Object.entries(PAGES)) {
  if (check) compare(path, page());
  else write(path, page());
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}

function compare(path: string, text: string): void {
  if (current(path) === text) return;
  console.error(`${path} is not what the source says: run "make generate" and commit the result`);
  process.exitCode = 1;
}

function current(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // Never generated: as good as different.
  }
}
