/** What people and feeds write in a MatchNotification: the wish. */
import { z } from 'zod';
import { ATOMIC, campaignIdField, duration, immutable, objectName, passThrough, rules, SET, text, utcInstant } from './fields.ts';

const HOLD_REASONS = [
  'KickoffUnconfirmed',
  'TeamsUnknown',
  'Postponed',
  'Cancelled',
  'SendAfterKickoff',
  'Unconfirmed',
  'DuplicateFixture',
  'FeedStale',
] as const;

/** Names that the operator itself sends with every schedule, or that templates read from the fence item. */
const RESERVED_PROPERTIES = ['token', 'notification', 'home', 'away', 'kickoff', 'competition'] as const;
/** `home_ar` and the like: translations of the content. */
const RESERVED_PREFIXES = ['home_', 'away_', 'kickoff_', 'competition_'] as const;

/** As many as a FixtureFeed may ask for; two fields of the catalog each. */
export const MAX_LOCALES = 20;

const exactlyOneOf = (fields: readonly string[]): string =>
  `[${fields.map((field) => `has(self.${field})`).join(', ')}].filter(set, set).size() == 1`;

/** Names are data: what a template or a page could take for markup is refused here too, whoever writes it. */
const names = z
  .record(z.string(), text({ about: 'The name in that locale.', max: 128, pattern: /^[^{}<>\p{Cc}]+$/u }))
  .optional()
  .meta({
    description:
      'Translated names by locale, such as ar: أستون فيلا; templates read them as home_ar or away_ar (ar-EG as home_ar_EG). Where only one team has a name in a locale, the other is shown by its own name.',
    maxProperties: MAX_LOCALES,
    ...rules({
      rule: "self.all(locale, locale.matches('^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$'))",
      message: 'write locales as ar or pt-BR',
    }),
  });

const team = (side: string) =>
  z
    .object({
      id: text({ about: `The provider's id of the ${side} team, such as "57".`, max: 64 }).optional(),
      name: text({ about: `Name of the ${side} team as the message shows it, such as Arsenal FC.`, max: 128 }).optional(),
      tla: text({ about: `Three-letter code of the ${side} team, such as ARS.`, max: 16 }).optional(),
      names,
    })
    .optional()
    .meta({ description: `The ${side} team; absent while it is not known, as before a draw.` });

const match = z
  .object({
    provider: text({
      about: "Who numbers the matches, such as football-data. Can't be changed.",
      max: 32,
      pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    }),
    id: text({ about: 'The provider\'s id of the match, such as "600123". Can\'t be changed.', max: 64, pattern: /^[A-Za-z0-9_-]+$/ }),
    competition: text({ about: 'Competition code, such as PL.', max: 32 }),
    matchday: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .meta({ description: 'Round of the competition, such as 15; absent in knock-out rounds.' }),
    home: team('home'),
    away: team('away'),
  })
  .meta({
    description: 'The fixture. provider and id are its identity; the rest is content of the message.',
    ...ATOMIC,
    ...rules({
      rule: 'self.provider == oldSelf.provider && self.id == oldSelf.id',
      message: "match.provider and match.id can't be changed: make a new MatchNotification for another match",
      reason: 'FieldValueForbidden',
    }),
  });

const anyArray = {
  type: 'array',
  minItems: 1,
  maxItems: 50,
  items: {
    type: 'object',
    description: 'A filter, in the form of Braze.',
    minProperties: 1,
    maxProperties: 8,
    'x-kubernetes-preserve-unknown-fields': true,
  },
};
const shortText = (description: string, maxLength: number) => ({ type: 'string', description, minLength: 1, maxLength });

const recipient = passThrough({
  about: "One recipient, in Braze's form; further fields are passed through as they are.",
  maxProperties: 8,
  known: {
    external_user_id: shortText('Id of the user in your own system.', 997),
    braze_id: shortText("Braze's id of the user.", 128),
    email: shortText('Mail address of the user.', 320),
    user_alias: {
      type: 'object',
      description: 'Alias of the user.',
      required: ['alias_name', 'alias_label'],
      properties: { alias_name: shortText('Name of the alias.', 997), alias_label: shortText('Label of the alias.', 997) },
    },
  },
  rules: [
    {
      rule: exactlyOneOf(['external_user_id', 'braze_id', 'email', 'user_alias']),
      message: 'name the recipient by exactly one of external_user_id, braze_id, email or user_alias',
    },
  ],
});

const audience = z
  .object({
    broadcast: z.boolean().optional().meta({ description: "true: everybody in the campaign's segment." }),
    connected: passThrough({
      about: "Everybody in the campaign's segment who also passes this filter: Braze's Connected Audience object.",
      maxProperties: 8,
      known: {
        AND: { ...anyArray, description: 'Filters that must all hold.' },
        OR: { ...anyArray, description: 'Filters of which one must hold.' },
      },
    }).optional(),
    recipients: z.array(recipient).min(1).max(50).optional().meta({ description: "At most 50 recipients, in Braze's form." }),
  })
  .meta({
    description: 'Who gets the message: exactly one of broadcast, connected and recipients.',
    ...ATOMIC,
    ...rules(
      {
        rule: exactlyOneOf(['broadcast', 'connected', 'recipients']),
        message: 'give exactly one of broadcast: true, connected and recipients',
      },
      {
        rule: '!has(self.broadcast) || self.broadcast',
        message: 'broadcast can only be true: leave it out to use connected or recipients',
        fieldPath: '.broadcast',
      },
    ),
  });

const reserved = `key in [${RESERVED_PROPERTIES.map((name) => `'${name}'`).join(', ')}]${RESERVED_PREFIXES.map((prefix) => ` || key.startsWith('${prefix}')`).join('')}`;
const triggerProperties = z
  .record(z.string(), text({ about: 'Value of the property.', min: 0, max: 1024 }))
  .optional()
  .meta({
    description: 'Further strings for the message template, which reads them as api_trigger_properties, such as channel: app.',
    maxProperties: 40,
    ...ATOMIC,
    ...rules(
      {
        rule: `self.all(key, !(${reserved}))`,
        message:
          'token, notification, home, away, kickoff, competition and their translations (home_ar …) are sent by the operator: choose other names',
      },
      { rule: 'self.all(key, size(key) > 0 && size(key) <= 64)', message: 'names of trigger properties have 1 to 64 characters' },
    ),
  });

const hold = z
  .object({
    reason: z.enum(HOLD_REASONS).meta({ description: 'Why nothing may be sent now.' }),
    message: text({ about: 'A sentence for people.', min: 0, max: 1024 }).optional(),
  })
  .optional()
  .meta({ description: "The feed's brake: while it is set nothing is sent, unless ignoreHold lists its reason.", ...ATOMIC });

const workspaceRef = z.object({ name: objectName('Name of a BrazeWorkspace in the same namespace, such as main.') }).meta({
  description: "The BrazeWorkspace to send through. Can't be changed: what was made in one workspace can't be deleted in another.",
  ...rules(immutable('workspaceRef', 'delete this object and make a new one for the other workspace')),
});

/** The default of `spec.resendAfter`, for who judges an object that is not made yet. */
export const RESEND_AFTER = '6h';

export const matchNotificationSpec = z
  .object({
    workspaceRef,
    campaignId: campaignIdField('Id of an API-triggered campaign of the workspace; a change moves the send to the other campaign.'),
    match,
    kickoff: utcInstant('When the match starts, RFC 3339 in UTC, such as 2026-12-06T12:30:00Z.'),
    sendAt: utcInstant(
      'When the push shall go out, RFC 3339 in UTC, such as 2026-12-06T11:30:00Z. Must be before kickoff; seconds are cut off. To set it by hand, take the field with "kubectl apply --server-side --force-conflicts": the feed then leaves it alone.',
    ),
    audience,
    triggerProperties,
    suspend: z
      .boolean()
      .default(false)
      .meta({ description: "A person's switch: while true nothing is sent and what is armed in Braze is closed." }),
    hold,
    ignoreHold: z
      .array(z.enum(HOLD_REASONS).meta({ description: 'A reason of hold.' }))
      .max(HOLD_REASONS.length)
      .optional()
      .meta({ description: "A person's: hold reasons to overrule, such as [KickoffUnconfirmed].", ...SET }),
    deletionPolicy: z
      .enum(['Cancel', 'Retain'])
      .default('Cancel')
      .meta({ description: 'What deleting this object does to the Braze schedule: Cancel deletes it, Retain lets it send.' }),
    startingDeadline: duration({
      about: 'How late a send may still be made, counted from the later of sendAt and its last change; never past kickoff. 0s: never late.',
      min: '0s',
      max: '7d',
    }).default('10m'),
    resendAfter: duration({
      about: 'A move of sendAt by at least this much after a send is a new occasion: the match is announced again.',
      min: '1h',
      max: '90d',
    }).default(RESEND_AFTER),
  })
  .meta({
    description: 'What is wanted: one push, for one match, at one time.',
    ...rules({
      rule: 'self.sendAt < self.kickoff',
      message: 'sendAt must be before kickoff: choose an earlier sendAt',
      fieldPath: '.sendAt',
    }),
  });
