/** One scene of the search in a process of its own, as JSON on standard output: `node child.ts SCENE LIMIT PEACE_EVERY SECONDS`. */
import { SCENES } from '../../match-notification/search/scene.ts';
import { search } from '../../match-notification/search/search.ts';
import { Space } from '../../match-notification/search/space.ts';

const [name, limit, peaceEvery, seconds] = process.argv.slice(2);
const scene = Object.entries(SCENES).find(([key]) => key === name)?.[1];
if (scene === undefined) throw new RangeError(`there is no scene ${name}`);
const began = performance.now();
const untilMs = began + Number(seconds) * 1_000;
const found = search(new Space(scene), { limit: Number(limit), peaceEvery: Number(peaceEvery), untilMs });
const megabytes = Math.round(process.resourceUsage().maxRSS / 1_024);
process.stdout.write(`${JSON.stringify({ ...found, megabytes, seconds: (performance.now() - began) / 1_000 })}\n`);
