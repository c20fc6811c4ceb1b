import type { Stack } from '../stack/index.ts';
import type { Screen } from './screen.ts';

/** What every chapter is given. */
export interface Play {
  readonly stack: Stack;
  readonly screen: Screen;
  /** Aborted when the demo is to end: Ctrl-C, or its time is up. */
  readonly signal: AbortSignal;
}
