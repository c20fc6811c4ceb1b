/**
 * The last line of a test run: `N passed, N failed` alone on a line (`, N skipped` may follow), for whoever reads only that.
 *
 * It is written when the process exits, so that nothing vitest has to say (slow teardown, unhandled errors) comes after it. A file
 * that does not load, a failing suite hook and an unhandled error each count as one failure: vitest calls the run failed for them,
 * and a line that says "0 failed" beside a red exit code is how a broken file goes unnoticed. A run that never reached its end
 * (global set-up threw) counts as one failure as well. The exit code stays vitest's.
 */
import type { Reporter, TestModule } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What vitest hands a reporter at the end, as far as counting needs it. */
export type CountedModule = Pick<TestModule, 'children' | 'errors' | 'state'>;

export function tally(modules: readonly CountedModule[], unhandledErrors: number): Tally {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state] += 1;
      if (state === 'failed') failedHere += 1;
    }
    if (module.state() === 'failed' && failedHere === 0) counts.failed += 1;
  }
  // A test that is still pending at the end was cut off (bail, interrupt): it proved nothing.
  return { passed: counts.passed, failed: counts.failed, skipped: counts.skipped + counts.pending };
}

export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

export default class ClosingLineReporter implements Reporter {
  private last: Tally = { passed: 0, failed: 1, skipped: 0 };

  onInit(): void {
    process.once('exit', () => {
      // A run that vitest itself calls failed without saying which test (no test files, a reporter that threw) is not "0 failed".
      const silent = this.last.failed === 0 && Number(process.exitCode ?? 0) !== 0;
      process.stdout.write(`\n${closingLine(silent ? { ...this.last, failed: 1 } : this.last)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    this.last = tally(modules, unhandledErrors.length);
  }
}
