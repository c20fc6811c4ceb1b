/** The table of docs/alerts.md: how long after its cause each alert fires. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const PAGE = path.join(import.meta.dirname, '../../docs/alerts.md');

/** `| [OperatorDown](runbooks/…) | severity | what happened | 5 min |` */
const ROW = /^\| \[(\w+)\]\(runbooks\/Matchday\1\.md\) \| \w+ \| [^|]+ \| (?:(\d+) min|at once) \|$/gm;

const minutes = new Map([...readFileSync(PAGE, 'utf8').matchAll(ROW)].map(([, name, figure]) => [`Matchday${name}`, Number(figure ?? 0)]));

export const DOCUMENTED: readonly string[] = [...minutes.keys()];

/** Throws when the page has no such row. */
export function firesAfterMinutes(alert: string): number {
  const found = minutes.get(alert);
  if (found === undefined) throw new Error(`docs/alerts.md does not say how long after its cause ${alert} fires`);
  return found;
}
