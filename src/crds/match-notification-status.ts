/**
 * What the operator knows of one send: the write-ahead record of the protocol (design §4). Limits are generous: a status that the
 * API server refuses would stop the protocol between an effect and its record.
 */
import { z } from 'zod';
import { ATOMIC, conditions, counter, observedGeneration, statusInstant, statusText } from './fields.ts';

export const PHASES = ['Pending', 'Held', 'Scheduled', 'Sent', 'Cancelled', 'Missed', 'Blocked'] as const;
const ACTIONS = [
  'created',
  'updated',
  'moved',
  'cancelled',
  'skipped',
  'adopted',
  'compensated',
  'resolved',
  'sent',
  'missed',
  'error',
] as const;
const HISTORY_OUTCOMES = ['done', 'refused', 'unknown'] as const;
/** Each entry is a call that nobody answered, or a schedule to delete: hours of an outage must fit. */
const STATUS_LIST_MAX = 4096;
/** 200 entries are kept and a gap entry beside them; the rest is room. */
const HISTORY_MAX = 220;

const schedule = z.object({
  id: statusText("Braze's id of the schedule."),
  dispatchId: statusText("Braze's id of the dispatch.").optional(),
  campaignId: statusText('Campaign the schedule belongs to.'),
  sendAt: statusInstant('The send time wanted when it was made.'),
  firesAt: statusInstant('The time given to Braze.'),
  attempt: counter('Number of the create call that made it.'),
  token: statusText('Token of that create call; the fence item names it while the send is wanted.'),
  audienceHash: statusText('Fingerprint of the audience it was made with.'),
  propertiesHash: statusText('Fingerprint of the trigger properties it was made with.'),
  kickoff: statusInstant('Unfenced only: the kickoff that its trigger properties tell.').optional(),
  recordedAt: statusInstant('When the id was recorded here.'),
});

const operation = z.object({
  id: statusText('Id of this operation.'),
  kind: z.enum(['Create', 'Update']).meta({ description: 'Which call it is.' }),
  attempt: counter('Number of the create call.'),
  token: statusText('Token the call carries.'),
  campaignId: statusText('Campaign the call names.'),
  sendAt: statusInstant('The send time wanted.'),
  firesAt: statusInstant('The time given to Braze.'),
  audienceHash: statusText('Fingerprint of the audience sent.'),
  propertiesHash: statusText('Fingerprint of the trigger properties sent.'),
  kickoff: statusInstant('Unfenced only: the kickoff that the trigger properties tell.').optional(),
  scheduleId: statusText('The schedule that an Update changes.').optional(),
  startedAt: statusInstant('When the intent was written.'),
  holder: statusText('Identity of the process that makes the call.'),
});

const obsolete = z.object({
  id: statusText("Braze's id of the schedule."),
  campaignId: statusText('Campaign the schedule belongs to.'),
  token: statusText('Token it was made with; never opened again.').optional(),
  firesAt: statusInstant('The time Braze would send it.'),
  recordedAt: statusInstant('When the id was first recorded here.'),
  why: statusText('Why it is not wanted any more.', 1024),
});

const fence = z.object({
  item: statusText('Id of the catalog item.'),
  token: statusText('The token announced last; empty: closed.'),
  state: z.enum(['open', 'closed', 'sent']).meta({ description: 'The state announced last.' }),
  confirmed: z.boolean().meta({ description: 'Whether a read-back showed it.' }),
  contentHash: statusText('Fingerprint of the content written with it.'),
  sendAt: statusInstant('When the send of the token announced last fires; stays when the item is closed.').optional(),
  announcedAt: statusInstant('When it was announced, before any write of the item.'),
  confirmedAt: statusInstant('When the read-back showed it.').optional(),
  unsettled: z.array(statusText('A token.')).max(STATUS_LIST_MAX).optional().meta({
    description: 'Tokens of writes that left without a recorded answer and read-back; a token stands twice when two such writes exist.',
  }),
});

const occasion = z.object({
  number: counter('Counts the occasions; a move by resendAfter or more after a send begins a new one.'),
  announced: z
    .array(statusText('A token.'))
    .max(STATUS_LIST_MAX)
    .optional()
    .meta({ description: 'Tokens announced in this occasion whose schedules are not confirmed gone.' }),
  locked: z
    .boolean()
    .optional()
    .meta({ description: 'True: something of this occasion can no longer be stopped, so nothing more is made for it.' }),
});

const wanted = z.object({
  sendAt: statusInstant('The send time last seen in the spec.'),
  since: statusInstant('Since when it is wanted, as far as the operator knows.'),
});

const lastSent = z.object({
  sendAt: statusInstant('The send time that was wanted.'),
  firesAt: statusInstant('The time given to Braze.'),
  scheduleId: statusText("Braze's id of the schedule.").optional(),
  campaignId: statusText('Campaign the schedule belonged to.').optional(),
  at: statusInstant('When it was recorded as sent.'),
  reason: z.enum(['Sent', 'PresumedSent']).meta({ description: 'PresumedSent: it could not be stopped any more, so it counts as sent.' }),
  doubt: statusText('Why nobody may have been told, when there is a reason to think so.', 2048).optional(),
  disprovedAt: statusInstant('When a person said that it did not go out after all.').optional(),
});

const adopted = z.object({
  id: statusText("Braze's id of the schedule."),
  at: statusInstant('When it was taken over.'),
});

/** Kickoffs kept: the first and the latest. */
export const KICKOFFS_MAX = 12;

const kickoffEntry = z.object({
  kickoff: statusInstant('The kickoff.'),
  sendAt: statusInstant('The send time wanted with it.'),
  at: statusInstant('When the operator first saw it.'),
});

const historyEntry = z.object({
  operationId: statusText('The operation it belongs to.').optional(),
  at: statusInstant('When.'),
  intendedAt: statusInstant('When its intent was written, for a call.').optional(),
  action: z.enum(ACTIONS).meta({ description: 'What was done.' }),
  outcome: z.enum(HISTORY_OUTCOMES).meta({ description: 'What became of it.' }),
  attempt: counter('Number of the create call.').optional(),
  scheduleId: statusText("Braze's id of the schedule.").optional(),
  sendAt: statusInstant('The send time wanted.').optional(),
  reason: statusText('One word for why.').optional(),
  message: statusText('A sentence for people.', 4096).optional(),
});

export const matchNotificationStatus = z
  .object({
    observedGeneration,
    phase: z.enum(PHASES).optional().meta({ description: 'Where the send is in its life.' }),
    fixture: statusText('The teams, for reading: Aston Villa FC v Arsenal FC.').optional(),
    conditions,
    schedule: schedule.optional().meta({ description: 'The schedule in Braze that is ours and wanted.' }),
    operation: operation.optional().meta({ description: 'A call that was about to be made, or is being made.' }),
    obsolete: z
      .array(obsolete.meta({ description: 'One schedule.' }))
      .max(STATUS_LIST_MAX)
      .optional()
      .meta({ description: 'Schedules in Braze that are ours, no longer wanted and not confirmed gone.' }),
    fence: fence.optional().meta({ description: 'What we told the catalog item to say.' }),
    occasion: occasion.optional().meta({ description: 'The occasion that the next send belongs to.' }),
    lastSent: lastSent.optional().meta({ description: 'The last send that went out; never cleared.' }),
    adopted: adopted.optional().meta({ description: 'The schedule made by somebody else that was taken over last.' }),
    wanted: wanted.optional().meta({ description: 'The wish that startingDeadline counts from.' }),
    kickoffs: z
      .array(kickoffEntry.meta({ description: 'One kickoff.' }))
      .max(KICKOFFS_MAX)
      .optional()
      .meta({ description: 'What moved when: the first kickoff and the latest ones, oldest first.' }),
    attempt: counter('Create calls ever intended; never goes back.').optional(),
    history: z
      .record(z.string(), historyEntry.meta({ description: 'One entry.' }))
      .optional()
      .meta({ description: 'What was done, by sequence number; old entries make room.', maxProperties: HISTORY_MAX }),
    lastHandledReconcileAt: statusText('Echo of the annotation matchday.dev/requested-at, once handled.', 1024).optional(),
  })
  .meta({ description: 'What is known of Braze. Written by the operator alone, and before each call.', ...ATOMIC });
