/** The table of docs/reference/metrics.md. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const REFERENCE = path.join(import.meta.dirname, '../../docs/reference/metrics.md');

export interface Row {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  readonly help: string;
}

export async function documented(): Promise<readonly Row[]> {
  const lines = (await readFile(REFERENCE, 'utf8')).split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) => {
    const [name = '', type = '', labels = '', help = ''] = line.replace(/^\| | \|$/g, '').split(' | ');
    return { name: name.replaceAll('`', ''), type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label), help };
  });
}
