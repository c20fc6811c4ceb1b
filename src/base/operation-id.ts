/** How one operation is called in the log, in the ledger and in the history of its object: by one id, so that each leads to the others. */

/** Actions that are calls with an intent of their own: their id was given before the call. */
const CALLS: ReadonlySet<string> = new Set(['created', 'updated']);

interface Entry {
  readonly action: string;
  readonly operationId?: string | undefined;
}

/** The id of a call; undefined for what was none, such as a send that went out, or a call that a person resolved. */
export const callId = ({ action, operationId }: Entry): string | undefined => (CALLS.has(action) ? operationId : undefined);

/** The id of an entry: that of its call, else `<uid of the object>/<sequence>`. */
export const entryId = (uid: string, sequence: number, entry: Entry): string => callId(entry) ?? `${uid}/${sequence}`;
