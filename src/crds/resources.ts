/** Where each kind lives in the API, spelled once. The shapes are those of the controller runtime's `Resource`. */
import { GROUP, VERSION } from './kube.ts';

export interface KindDescriptor {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

const describe = (kind: string, shortName: string): KindDescriptor => ({
  group: GROUP,
  version: VERSION,
  plural: `${kind.toLowerCase()}s`,
  singular: kind.toLowerCase(),
  kind,
  listKind: `${kind}List`,
  shortNames: [shortName],
  categories: ['matchday'],
});

export const MATCH_NOTIFICATIONS = describe('MatchNotification', 'mn');
export const FIXTURE_FEEDS = describe('FixtureFeed', 'ff');
export const BRAZE_WORKSPACES = describe('BrazeWorkspace', 'bw');

/** Name of the CustomResourceDefinition object of a kind. */
export const crdName = (kind: KindDescriptor): string => `${kind.plural}.${kind.group}`;
