/** BrazeWorkspace: where and how to call Braze (design §3). */
import { z } from 'zod';
import {
  ATOMIC,
  campaignIdField,
  conditions,
  duration,
  immutable,
  objectName,
  observedGeneration,
  rules,
  SET,
  secretKey,
  statusInstant,
  statusText,
  text,
} from './fields.ts';
import type { LiveMeta } from './kube.ts';
import { MAX_LOCALES } from './match-notification-spec.ts';

const perWindow = (about: string, max: number) => z.int().min(1).max(max).meta({ description: about });

const endpoint = text({
  about: "REST endpoint of the workspace, such as https://rest.iad-01.braze.com; no path. Can't be changed.",
  max: 253,
}).meta(
  rules(
    {
      rule: "self.matches('^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$') || self.matches('^http://(127[.]0[.]0[.]1|localhost|[[]::1[]])(:[0-9]{1,5})?$')",
      message: 'write https://HOST, without path or slash at the end; http is only allowed for 127.0.0.1, localhost and [::1]',
    },
    immutable('endpoint', 'ids of one workspace mean nothing in another; make a new BrazeWorkspace'),
  ),
);

const fence = z
  .object({
    catalog: text({
      about: "Name of the Braze catalog that holds the fence items, such as matchday; created when absent. Can't be changed.",
      max: 250,
      pattern: /^[A-Za-z0-9_-]+$/,
    }).meta(rules(immutable('catalog', 'what is armed is only closed in the old one; make a new BrazeWorkspace'))),
    margin: duration({
      about: 'What is nearer to its send than this cannot be stopped any more and counts as sent.',
      min: '10s',
      max: '10m',
    }).default('60s'),
    assumeFenced: z
      .array(campaignIdField('A campaign id.'))
      .max(100)
      .optional()
      .meta({ description: 'Campaigns whose messages are known to read the fence although the preflight cannot see it.', ...SET }),
  })
  .optional()
  .meta({
    description: 'The send-time check in message templates that makes a second send impossible. Absent: the workspace is unfenced.',
  });

const limits = z
  .object({
    requestsPerHour: perWindow('All API calls of the workspace in an hour.', 100_000_000).default(250_000),
    broadcastsPerMinute: perWindow('Creates with a broadcast or Connected Audience in a minute.', 1_000_000).default(250),
    broadcastsPerAudiencePerMinute: perWindow('Creates for one audience in a minute.', 100_000).default(10),
    catalogSyncPerMinute: perWindow('Reads and single writes of catalog items in a minute; Braze allows 50.', 100_000).default(45),
    catalogAsyncPerMinute: perWindow('Bulk writes of catalog items in a minute.', 1_000_000).default(16_000),
  })
  .optional()
  .meta({ description: "Braze's rate limits, less what other systems of yours use.", default: {} });

export const brazeWorkspaceSpec = z
  .object({
    endpoint,
    apiKeySecretRef: z
      .object({ name: objectName('Name of a Secret in the same namespace.'), key: secretKey('Key in the Secret, such as apiKey.') })
      .meta({ description: 'Where the REST API key is.' }),
    fence,
    unresolved: z.enum(['Block', 'Recreate', 'Abandon']).default('Block').meta({
      description:
        'Unfenced only: what to do when the answer of a call was lost. Block waits for a person, Recreate may send twice, Abandon may not send.',
    }),
    updateBuffer: duration({
      about: "This close to the send, Braze's own update and delete are best effort.",
      min: '1m',
      max: '6h',
    }).default('20m'),
    horizon: duration({ about: 'How far ahead schedules are created.', min: '1h', max: '89d23h59m59s' }).default('30d'),
    limits,
    requestTimeout: duration({ about: 'How long a call may take.', min: '1s', max: '10s' }).default('10s'),
    suspend: z.boolean().default(false).meta({ description: 'The kill switch: every open item is closed in bulk, nothing is created.' }),
  })
  .meta({
    description: 'Where and how Braze is called.',
    ...rules({
      // Without this rule the catalog could be changed in two steps, and what is armed under the old one could no longer be closed.
      rule: '!has(oldSelf.fence) || has(self.fence)',
      message: "the fence can't be removed: what is armed could no longer be closed; make a new BrazeWorkspace without one",
      reason: 'FieldValueForbidden',
    }),
  });

const campaign = z.object({
  id: statusText('Campaign id.'),
  live: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it is enabled and neither draft nor archived.' }),
  fenced: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether every message reads the catalog and aborts.' }),
  rendersKickoff: z.enum(['True', 'False', 'Unknown']).optional().meta({
    description:
      'Unfenced only: whether a message shows the kickoff of the trigger properties, which an update of the time leaves as it was.',
  }),
  message: statusText('A sentence for people.', 4096).optional(),
  checkedAt: statusInstant('When Braze last told.'),
});

const identity = z.object({
  secretVersion: statusText('uid and resourceVersion of the Secret whose key was found to lead there.'),
  owner: statusText('Owner named in the catalog item matchday-workspace.'),
  uid: statusText('uid of the BrazeWorkspace named in that item.'),
});

const listedSend = z.object({
  campaignId: statusText('Campaign id.'),
  firesAt: statusInstant('The time given to Braze.'),
  shownAt: statusInstant('When it was first in the listing.'),
});

export const brazeWorkspaceStatus = z
  .object({
    observedGeneration,
    conditions,
    identity: identity.optional().meta({
      description: 'Which Braze workspace this object was used with; a key that leads to another one is not used.',
    }),
    campaigns: z
      .array(campaign.meta({ description: 'One campaign.' }))
      .max(500)
      .optional()
      .meta({ description: 'What the preflight knows of the campaigns in use.' }),
    listed: z
      .array(listedSend.meta({ description: 'One campaign at one time.' }))
      .max(500)
      .optional()
      .meta({ description: "Armed sends that Braze's listing showed: one that it does not show any more may have been deleted there." }),
    locales: z
      .array(statusText('A locale.', 16))
      .max(MAX_LOCALES)
      .optional()
      .meta({ description: 'Locales whose names the catalog was seen to take: it has the fields home_… and away_….' }),
  })
  .meta({ description: 'How the workspace is; written when something changes, and otherwise at most once in 5 minutes.', ...ATOMIC });

export type BrazeWorkspaceSpec = z.output<typeof brazeWorkspaceSpec>;
export type BrazeWorkspaceStatus = z.output<typeof brazeWorkspaceStatus>;
export interface BrazeWorkspace {
  readonly apiVersion: string;
  readonly kind: 'BrazeWorkspace';
  readonly metadata: LiveMeta;
  readonly spec: BrazeWorkspaceSpec;
  readonly status?: BrazeWorkspaceStatus;
}
