import type { Clock } from '../../src/base/clock.ts';
import { Translators } from '../../src/translation/translators.ts';

/** For feeds that ask for no names: a translator that is used all the same is an error. */
export function noTranslators(clock: Clock): Translators {
  const connect = (base: string): never => {
    throw new Error(`nobody said that ${base} may be called`);
  };
  return new Translators({ clock, connect });
}
