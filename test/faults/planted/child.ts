/** One hunt in a process of its own, as JSON on standard output: `node child.ts HUNT PATCHES`, both JSON. */
import { hunt } from './hunt.ts';
import { plant } from './plant.ts';

const [what = '{}', patches = '[]'] = process.argv.slice(2);
const checkPlanted = plant(JSON.parse(patches));
const found = await hunt(JSON.parse(what));
checkPlanted();
// Not exitCode: a world that ended early leaves timers behind.
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
