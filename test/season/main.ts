/**
 * The long runs of the feed, on demand: `node test/season/main.ts noise|noise-http [days] [seed]` and `node test/season/main.ts leagues [days] [hours] [seed]`.
 * Prints a report and ends with 1 when something was not as it must be.
 */
import { argv, exit, stdout } from 'node:process';
import { playSeason } from './eight-leagues.ts';
import { playNoise } from './noise.ts';

const WHOLE_CUP_DAYS = 35;
const TO_THE_END_DAYS = 137;

const [, , what, ...numbers] = argv;
const [first, second, third] = numbers.map(Number);
const ok = what?.startsWith('noise') ? await noise(first, second, what === 'noise-http') : await leagues(first, second, third);
exit(ok ? 0 : 1);

async function noise(days = WHOLE_CUP_DAYS, seed = 1, http = false): Promise<boolean> {
  const report = await playNoise({ seed, days, http });
  const minutes = [...report.minutesBehind].sort((a, b) => a - b);
  const at = (share: number): number | undefined => minutes[Math.floor((minutes.length - 1) * share)];
  print({
    ...report,
    creates: report.creates.join(' '),
    minutesBehind: { moves: minutes.length, p50: at(0.5), p90: at(0.9), worst: at(1) },
  });
  return report.deletes.length + report.missed.length + report.wrong.length + report.refused === 0 && report.creates.every((n) => n === 1);
}

async function leagues(days = TO_THE_END_DAYS, intervalHours = 6, seed = 1): Promise<boolean> {
  const report = await playSeason({ seed, days, intervalHours });
  print(report);
  return report.wrong.length + report.sentThoughCancelled.length + report.calls.refused + report.deleted === 0;
}

function print(report: object): void {
  stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
}
