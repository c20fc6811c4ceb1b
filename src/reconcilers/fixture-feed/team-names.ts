/** The names of one side of a fixture in the locales that its feed asks for: `match.home.names`. Pure. */
import { canonicalLocale } from '../../base/locales.ts';
import type { FixtureFeed } from '../../crds/fixture-feed.ts';
import type { MatchNotificationSpec } from '../../crds/match-notification.ts';
import type { Team } from '../../football-data/types.ts';
import { type NameSource, UNKNOWN } from '../../translation/names.ts';
import { usableName } from '../../translation/usable-name.ts';

type Side = MatchNotificationSpec['match']['home'];

/** For who has no source at hand: every name stays what the object shows. */
export const AS_SHOWN: NameSource = { nameOf: () => UNKNOWN };

/**
 * A name for each locale: the translation, the original where there is none. One that is not known now stays what the object shows, as long
 * as it is a name of this team's present name: the object is the memory, and what can't be asked now is no reason to take it back.
 */
export function namesOf(team: Team, input: { feed: FixtureFeed; shown: Side; source: NameSource }): NonNullable<Side>['names'] {
  const { feed, shown, source } = input;
  const { id, name = '' } = team;
  const original = usableName(name);
  if (feed.spec.translation === undefined || id === undefined || !('name' in original)) return undefined;
  const before = shown?.id === id && shown.name === name ? (shown.names ?? {}) : {};
  const locales = feed.spec.translation.locales.map(canonicalLocale);
  return Object.fromEntries(
    locales.map((locale) => {
      const answer = source.nameOf({ teamId: id, name, locale });
      const known = answer.kind === 'name' ? answer.name : answer.kind === 'unknown' ? before[locale] : undefined;
      return [locale, known ?? original.name];
    }),
  );
}
