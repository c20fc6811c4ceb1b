/** How a struck call ends: what each fault does to it before or after it is carried out, and what the client gets. */
import type { Fault, FaultAction } from './faults.ts';
import { rateLimited } from './handle.ts';
import { isObject } from './json.ts';
import { rateHeaders } from './limits.ts';
import type { Reply } from './reply.ts';
import type { World } from './world.ts';

export type Ending =
  | { readonly kind: 'send'; readonly reply: Reply }
  /** Half of the answer, then the end of the connection. */
  | { readonly kind: 'cut'; readonly reply: Reply }
  /** No answer on an open connection. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'drop' };

const HTML = '<html><head><title>502 Bad Gateway</title></head><body>upstream</body></html>';
const BEFORE: readonly string[] = ['refuse', 'rate-limited', 'drop-before', 'timeout-before', 'error-before'];
const AFTER: readonly string[] = ['drop-after', 'timeout-after', 'error-after', 'reset-mid-body', 'garbled', 'answer'];

const isUncommitted = (action: FaultAction): boolean => 'commit' in action && action.commit === false;
export const endsBefore = (action: FaultAction): boolean => BEFORE.includes(action.kind) || isUncommitted(action);
export const endsAfter = (action: FaultAction): boolean => AFTER.includes(action.kind) && !isUncommitted(action);

const send = (reply: Reply): Ending => ({ kind: 'send', reply });

/** The end of a call that is never carried out. */
export function endingBefore(action: FaultAction, world: World): Ending {
  const hour = world.limits.standing({ bucket: 'hour' }, world.agenda.nowMs());
  const headers = rateHeaders([hour], world.options.broadcastHeaders);
  switch (action.kind) {
    case 'refuse':
      return send({ ...replyOf(action.status, action.body), headers: { ...headers, ...action.headers } });
    case 'answer':
      return send({ ...replyOf(action.status, action.body), headers });
    case 'rate-limited':
      return send(injectedLimit(world, headers));
    case 'error-before':
      return send({ status: action.status ?? 502, body: action.body ?? HTML });
    default:
      return common(action, undefined);
  }
}

/** The end of a call that took effect; `reply` is what it would have been told. */
export function endingAfter(action: FaultAction, reply: Reply): Ending {
  switch (action.kind) {
    case 'answer':
      return send({ ...reply, ...replyOf(action.status, action.body) });
    case 'error-after':
      return send({ status: action.status ?? 502, body: action.body ?? HTML });
    case 'reset-mid-body':
      return { kind: 'cut', reply };
    default:
      return common(action, reply);
  }
}

function common(action: FaultAction, reply: Reply | undefined): Ending {
  if (action.kind === 'garbled') {
    return send({ status: action.status ?? 200, body: action.body ?? HTML, ...(reply?.headers && { headers: reply.headers }) });
  }
  return { kind: action.kind === 'timeout-before' || action.kind === 'timeout-after' ? 'silent' : 'drop' };
}

/** A 429 out of the blue: the window ends with the minute. */
function injectedLimit(world: World, headers: Readonly<Record<string, string>>): Reply {
  world.limits.refused.set('hour', (world.limits.refused.get('hour') ?? 0) + 1);
  const reset = Math.ceil((world.agenda.nowMs() + 1) / 60_000) * 60;
  return { ...rateLimited(world), headers: { ...headers, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) } };
}

function replyOf(status: number, body: unknown): Reply {
  if (body === undefined) return { status };
  return { status, body: isObject(body) || typeof body === 'string' ? body : JSON.stringify(body) };
}

export async function waitBefore(faults: readonly Fault[]): Promise<void> {
  for (const fault of faults) {
    const { action } = fault.rule;
    if (action.kind === 'latency') await new Promise((resolve) => setTimeout(resolve, action.ms));
    if (action.kind === 'hold' && action.when === 'before') await fault.untilReleased();
  }
}

export async function waitAfter(faults: readonly Fault[]): Promise<void> {
  for (const fault of faults) {
    if (fault.rule.action.kind === 'hold' && fault.rule.action.when === 'after') await fault.untilReleased();
  }
}
