/** FixtureFeed: a competition that produces MatchNotifications (design §3). */
import { z } from 'zod';
import {
  ATOMIC,
  conditions,
  counter,
  duration,
  objectName,
  observedGeneration,
  rules,
  SET,
  secretKey,
  statusInstant,
  text,
} from './fields.ts';
import type { LiveMeta } from './kube.ts';
import { MAX_LOCALES, matchNotificationSpec } from './match-notification-spec.ts';

const source = z
  .object({
    competition: text({ about: 'Competition code at football-data.org, such as PL.', max: 16, pattern: /^[A-Z0-9]+$/ }),
    season: text({
      about:
        'Start year of the season, such as "2025". Name it: without it the provider switches to the next season as soon as that is published.',
      max: 4,
      pattern: /^[0-9]{4}$/,
    }).optional(),
    tokenSecretRef: z
      .object({ name: objectName('Name of a Secret in the same namespace.'), key: secretKey('Key in the Secret, such as token.') })
      .meta({ description: 'Where the API token of football-data.org is.' }),
  })
  .meta({ description: 'Where fixtures come from.' });

const labels = z
  .record(z.string(), text({ about: 'Value of the label.', min: 0, max: 63, pattern: /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/ }))
  .optional()
  .meta({
    description: 'Labels for each object, such as team: push.',
    maxProperties: 20,
    ...rules({
      rule: "self.all(key, !key.startsWith('matchday.dev/'))",
      message: "labels that begin with matchday.dev/ are the operator's: choose another name",
    }),
  });

const LOCALE = /^[a-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}$/;

const translator = z
  .object({
    url: text({
      about:
        'Base URL of a server with the interface of LibreTranslate, such as https://translate.example.com; its origin must be allowed with --allow-translator.',
      max: 512,
      pattern: /^(https:\/\/[A-Za-z0-9]|http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]|http:\/\/(127\.0\.0\.1|localhost|\[::1\])$)[^\s?#]*$/,
    }),
    apiKeySecretRef: z
      .object({ name: objectName('Name of a Secret in the same namespace.'), key: secretKey('Key in the Secret, such as apiKey.') })
      .optional()
      .meta({ description: 'Where the API key of the translator is, if it wants one.' }),
    source: text({ about: 'Language of the names as the provider of fixtures writes them.', max: 16, pattern: LOCALE }).default('en'),
    requestsPerMinute: z
      .int()
      .min(1)
      .max(600)
      .default(60)
      .meta({ description: 'Calls that may be made in a minute; one for each name and locale, once.' }),
    timeout: duration({ about: 'How long a call may take; no send and no poll waits for it.', min: '1s', max: '2m' }).default('30s'),
  })
  .optional()
  .meta({ description: 'A translator for names that the table does not have.' });

const translation = z
  .object({
    locales: z
      .array(text({ about: 'A locale, such as ar.', max: 16, pattern: LOCALE }))
      .min(1)
      .max(MAX_LOCALES)
      .meta({ description: 'Locales to translate team names to, such as [ar, es].', ...SET }),
    configMapRef: z
      .object({ name: objectName('Name of a ConfigMap in the same namespace.') })
      .optional()
      .meta({ description: 'Table of names by locale and team id: entries such as ar.58, or a page such as ar.yaml.' }),
    provider: translator,
  })
  .optional()
  .meta({ description: 'Translations of team names.' });

const template = z
  .object({
    metadata: z.object({ labels }).optional().meta({ description: 'Metadata of the objects that are made.' }),
    spec: matchNotificationSpec
      .pick({ workspaceRef: true, campaignId: true, audience: true, triggerProperties: true })
      .meta({ description: 'The part of the spec that does not come from the fixture.' }),
  })
  .meta({ description: 'What each MatchNotification looks like.' });

export const fixtureFeedSpec = z
  .object({
    source,
    interval: duration({
      about: 'How often the fixtures are read; more often by itself when a send is near.',
      min: '10s',
      max: '1d',
    }).default('5m'),
    leadTime: duration({ about: 'How long before kickoff the push goes out.', min: '1m', max: '7d' }).default('60m'),
    window: duration({ about: 'How far ahead objects are made.', min: '1h', max: '400d' }).default('30d'),
    teams: z
      .array(text({ about: 'Id or three-letter code of a team.', max: 16 }))
      .max(100)
      .optional()
      .meta({ description: 'Only matches of these teams, by id or three-letter code, such as ["57", AVL]; empty: all.', ...SET }),
    unconfirmedKickoff: z
      .enum(['Hold', 'Schedule'])
      .default('Hold')
      .meta({ description: 'What to do while the provider calls the kickoff a rough date (SCHEDULED rather than TIMED).' }),
    maxChangesPerPoll: text({
      about:
        'A poll that would change more than this share of the objects, and more than five, is not applied before a person approves it. Such as 20%.',
      max: 4,
      pattern: /^(100|[1-9]?[0-9])%$/,
    }).default('20%'),
    translation,
    ttlAfterSent: duration({ about: 'Finished objects are removed this long after their send.', min: '1h', max: '400d' }).default('30d'),
    sendWhenStale: z.boolean().default(true).meta({
      description:
        'What happens to a send whose match the provider has not confirmed for a quarter of an hour when it is ten minutes away. True: it goes out as it was last known, with a warning event. False: it is held until the provider answers.',
    }),
    deletionPolicy: z.enum(['Retain', 'Cancel']).default('Retain').meta({
      description:
        'What deleting the feed does to its objects. Retain: they stay and send as last known, until a feed of the same competition, workspace and campaign, whatever its name, goes on with them. Cancel: they are deleted with it, and each does to its schedule what its own deletionPolicy says.',
    }),
    suspend: z
      .boolean()
      .default(false)
      .meta({ description: 'True: nothing is polled and nothing applied; existing objects stay as they are.' }),
    template,
  })
  .meta({ description: 'Which fixtures to follow, and what to make of them.' });

export const fixtureFeedStatus = z
  .object({
    conditions,
    observedGeneration,
    lastPollAt: statusInstant('When the provider was last asked.').optional(),
    lastSuccessAt: statusInstant('When it last answered with fixtures.').optional(),
    fixtures: counter('Fixtures known.').optional(),
    applied: counter('MatchNotifications of this feed.').optional(),
    held: counter('Those of them that the feed holds.').optional(),
    conflicts: counter('Those of them in which somebody else owns a field that the feed would set.').optional(),
  })
  .meta({ description: 'How the feed is; written when something changes, and otherwise at most once in 5 minutes.', ...ATOMIC });

export type FixtureFeedSpec = z.output<typeof fixtureFeedSpec>;
export type FixtureFeedStatus = z.output<typeof fixtureFeedStatus>;
export interface FixtureFeed {
  readonly apiVersion: string;
  readonly kind: 'FixtureFeed';
  readonly metadata: LiveMeta;
  readonly spec: FixtureFeedSpec;
  readonly status?: FixtureFeedStatus;
}
