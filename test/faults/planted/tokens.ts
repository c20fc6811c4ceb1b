/** The token rule broken: who may be opened, when, and by which word of the object (design §4, rule 1). */
import type { Bug } from './bug.ts';

const IN = 'src/reconcilers/match-notification';

export const TOKENS: readonly Bug[] = [
  {
    name: 'blind-retry',
    what: 'a create without an answer is made again at once, with the same token',
    patches: [
      {
        file: `${IN}/create-call.ts`,
        find: '  const outcome = await call({ ...pass, object: written }, intended.operation, workspace);',
        replace: `  const first = await call({ ...pass, object: written }, intended.operation, workspace);
  const outcome = first.kind === 'unknown' ? await call({ ...pass, object: written }, intended.operation, workspace) : first;`,
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { fenced: true } },
  },
  {
    name: 'token-reused',
    what: 'the create after one in doubt bears its token again',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: "operation.kind === 'Update' ? retireSchedule(status, 'UpdateUnresolved') : status;",
        replace:
          "operation.kind === 'Update' ? retireSchedule(status, 'UpdateUnresolved') : { ...status, attempt: operation.attempt - 1 };",
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'start', limit: 10_000 },
  },
  {
    name: 'opened-before-recorded',
    what: 'the token is opened with the intent, before the id of its schedule is known',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: '  return { ...status, attempt, operation, occasion: status.occasion ?? { number: 1 },',
        replace: `  const opening: Announcement = { item: desired.item, token: intent.token, state: 'open', contentHash: desired.contentHash, sendAt: operation.firesAt };
  return { ...announce({ ...status, attempt }, opening, at), operation,`,
      },
      {
        file: `${IN}/create-call.ts`,
        find: '  const outcome = await call({ ...pass, object: written }, intended.operation, workspace);',
        replace: `  const item = { id: facts.desired.item, token: intended.operation.token, state: 'open' as const, owner: facts.desired.owner, sendAt: intended.operation.sendAt, sentAt: '', announcedSendAt: intended.operation.firesAt, content: contentOf(object.spec) };
  await workspace.fence?.put(item, { key: object.metadata.uid, firesAt: step.firesAt });
  const outcome = await call({ ...pass, object: written }, intended.operation, workspace);`,
      },
    ],
    hunt: { campaign: 'simulation', limit: 40 },
  },
  {
    name: 'opened-unannounced',
    what: 'the item is opened without the object saying so first',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: "  return what.state === 'open' ? { ...status, fence, occasion: announcedWith(status, what.token) } : { ...status, fence };",
        replace: '  const { unsettled: _, ...rest } = fence;\n  return { ...status, fence: rest };',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'made', limit: 20_000 },
  },
  {
    name: 'ticket-of-another',
    what: 'an announcement of another process or of an earlier life is used for a PUT',
    patches: [
      {
        file: `${IN}/fence-work.ts`,
        find: '  if (ticket === undefined || ticket.announcedAt !== view.status.fence?.announcedAt)',
        replace: '  if (ticket === undefined)',
      },
      {
        file: `${IN}/fence-work.ts`,
        find: "  if (ticket.put === undefined) return write(undefined, 'announced in this pass');",
        replace:
          "  if (ticket.put === undefined || ticket.announcedAt !== view.status.fence?.announcedAt) return write(undefined, 'announced by somebody');",
      },
    ],
    hunt: { campaign: 'simulation', limit: 40, worlds: { fenced: true } },
  },
  {
    name: 'accepted-is-settled',
    what: 'a write that was only accepted counts as done when a read-back shows what an older one wrote',
    patches: [
      {
        file: `${IN}/record.ts`,
        find: "  const seen = put === 'stored' || fence.confirmedAt === undefined;",
        replace: '  const seen = put.length > 0;',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'refreshed', limit: 40_000 },
  },
  {
    name: 'mark-clears-token',
    what: 'the mark after the send clears the token while users are still rendered',
    patches: [
      {
        file: `${IN}/after-send.ts`,
        find: "item: fence.item, token: fence.token, state: 'sent'",
        replace: "item: fence.item, token: '', state: 'sent'",
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'armed', limit: 200, peaceEvery: 3 },
  },
  {
    name: 'item-not-read',
    what: 'an object without memory makes its first create without reading the item',
    patches: [
      {
        file: `${IN}/create.ts`,
        find: '  if (view.facts.fenced === false) return undefined;\n  const fresh',
        replace: '  if (desired.item.length > 0) return undefined;\n  const fresh',
      },
    ],
    hunt: { campaign: 'exhaustive', scene: 'amnesia', limit: 5_000 },
  },
  {
    name: 'item-forgets-the-send',
    what: 'what the item remembers of a send is not believed',
    patches: [
      {
        file: `${IN}/create.ts`,
        find: '  if (before) return remembered(view, before);',
        replace: '  if (before && view.deleting) return remembered(view, before);',
      },
      { file: `${IN}/create.ts`, find: "found.token === '' || found.state === 'sent'", replace: "found.token === ''" },
    ],
    hunt: { campaign: 'exhaustive', scene: 'amnesia', limit: 10_000 },
  },
];
