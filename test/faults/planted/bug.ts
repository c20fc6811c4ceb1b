/** A planted bug: the operator with one thing done wrong, and the campaign that has to notice. */
import type { SCENES } from '../../match-notification/search/scene.ts';
import type { Rates, Swarm } from '../simulation/swarm.ts';

/** `find` occurs once in the file, or the patch is stale and an error. */
export interface Patch {
  /** From the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The campaign that catches it, in as small a size as does. */
export type Hunt = HuntInStates | HuntInSeeds | HuntInTests;

export interface HuntInStates {
  readonly campaign: 'exhaustive';
  readonly scene: keyof typeof SCENES;
  /** At most so many. */
  readonly limit: number;
  /** Every so many states one is left in peace; absent: only what is delivered counts. */
  readonly peaceEvery?: number;
}

export interface HuntInSeeds {
  readonly campaign: 'simulation';
  /** At most so many seeds. */
  readonly limit: number;
  /** Only worlds of this kind, where the bug matters. */
  readonly worlds?: Partial<Omit<Swarm, 'rates' | 'seed'>>;
  /** Faults that this bug is about, whatever the seed draws. */
  readonly rates?: Partial<Rates>;
}

/** What no other campaign can see: at most five bugs are left to a file of tests. */
export interface HuntInTests {
  readonly campaign: 'tests';
  readonly file: string;
  readonly limit: 1;
}

export interface Bug {
  /** What `ONLY` picks it by. */
  readonly name: string;
  readonly what: string;
  readonly patches: readonly Patch[];
  readonly hunt: Hunt;
}

/** What a hunt found. */
export interface Catch {
  /** The first promise or rule that was seen broken; absent: none was. */
  readonly violation?: string;
  /** Why nothing could be hunted. */
  readonly broken?: string;
  /** How far it went: states, seeds, or files. */
  readonly size: number;
  /** What led there, as far as it is known. */
  readonly history: readonly string[];
}
