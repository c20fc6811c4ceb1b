/** All planted bugs. */
import type { Bug } from './bug.ts';
import { CALLS } from './calls.ts';
import { NEAR_THE_SEND } from './near-the-send.ts';
import { OLD_JOB } from './old-job.ts';
import { PROCESS } from './process.ts';
import { TOKENS } from './tokens.ts';
import { UNFENCED } from './unfenced.ts';

export const BUGS: readonly Bug[] = [...OLD_JOB, ...TOKENS, ...NEAR_THE_SEND, ...CALLS, ...PROCESS, ...UNFENCED];
