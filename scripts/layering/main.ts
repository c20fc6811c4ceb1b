/** `npm run lint:layers`: prints each import that breaks the layering and exits 1, or says that all is well. */
import { globSync, readFileSync } from 'node:fs';
import { checkLayering } from './check.ts';

const paths = globSync('src/**/*.ts').sort();
const violations = checkLayering(paths.map((path) => ({ path: path.replaceAll('\\', '/'), source: readFileSync(path, 'utf8') })));
for (const { path, line, message } of violations) console.error(`${path}:${line}  ${message}`);
if (violations.length > 0) process.exitCode = 1;
else console.log(`layering: ${paths.length} files keep the rules of scripts/layering/rules.ts`);
