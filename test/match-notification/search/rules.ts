/** What is searched: the operator's own functions, or a variant of them with one rule broken on purpose. */
import { decide } from '../../../src/reconcilers/match-notification/decide.ts';
import {
  announce,
  confirmFence,
  dropOperation,
  intendCreate,
  lock,
  recordCreated,
  recordSent,
  recordSwept,
  retireSchedule,
  sweepProves,
  takeOverItem,
} from '../../../src/reconcilers/match-notification/record.ts';

export const REAL = {
  decide,
  announce,
  confirmFence,
  dropOperation,
  intendCreate,
  lock,
  recordCreated,
  recordSent,
  recordSwept,
  retireSchedule,
  sweepProves,
  takeOverItem,
};
export type Rules = typeof REAL;
