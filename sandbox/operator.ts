/**
 * The operator of the sandbox: `node sandbox/operator.ts run [flags]`. The program of src/main.ts with another clock: it follows the
 * sandbox's admin port, so that days pass in seconds. Nothing else differs, and the production entry has no such switch.
 */
import { main } from '../src/main.ts';
import { followClock } from './clock/follow-clock.ts';

/** Not `MATCHDAY_…`: those are the program's own flags, and one that it doesn't know is an error. */
const CLOCK_VARIABLE = 'SANDBOX_CLOCK_URL';
/** `0.5`: this machine counts seconds half as fast as others, its leases included. */
const MONOTONIC_VARIABLE = 'SANDBOX_MONOTONIC_RATE';

const url = process.env[CLOCK_VARIABLE];
if (url === undefined) {
  process.stderr.write(
    `sandbox operator: set ${CLOCK_VARIABLE} to the clock that a sandbox printed, such as http://127.0.0.1:20123/clock\n`,
  );
  process.exit(2);
}
const monotonicRate = Number(process.env[MONOTONIC_VARIABLE] ?? 1);
if (!(monotonicRate > 0)) {
  process.stderr.write(`sandbox operator: ${MONOTONIC_VARIABLE} must be a number above 0\n`);
  process.exit(2);
}
process.exit(await main(process.argv.slice(2), () => followClock(url, { monotonicRate })));
