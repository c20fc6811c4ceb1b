/**
 * `make sandbox`: a cluster, an operator, Braze and football-data.org simulated, and the Premier League in it, until Ctrl-C. Everything
 * can be tried without a key: the objects by kubectl, the simulators and the clock by curl.
 */
import { parseArgs } from 'node:util';
import { NoControlPlane } from './control-plane/binaries.ts';
import { firstKickoffAt, loadSeasons } from './football-data/seasons.ts';
import { describeExit } from './process/tied-process.ts';
import { SHORT_LEASE, type Stack, startStack } from './stack/index.ts';

const USAGE = `usage: node sandbox/main.ts [--context NAME] [--kubeconfig PATH] [--logs]
  --context NAME   use this cluster of your kubeconfig rather than one of our own
  --logs           print what the operator logs`;

/** The Saturday of matchday 33; the recorded season has 88 matches ahead then. */
const SATURDAY = '2026-04-18T14:00:00Z';
/** From the start until the first send: time to look around. */
const FIRST_SEND_IN = { minutes: 10 };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { context: { type: 'string' }, kubeconfig: { type: 'string' }, logs: { type: 'boolean', default: false } },
  });
  const { context, kubeconfig, logs } = values;
  let up = context !== undefined || kubeconfig !== undefined;
  const interrupted = untilInterrupted(() => up);
  console.log('A control plane is started; on a new machine it is built first (about ten minutes, cached afterwards).');
  const existing = { ...(context === undefined ? {} : { context }), ...(kubeconfig === undefined ? {} : { kubeconfig }) };
  await using stack = await startStack({ open: up ? { existing } : {}, operatorFlags: SHORT_LEASE, footballData: { seasons: [] } });
  up = true;
  await fill(stack, logs);
  guide(stack);
  await interrupted;
  console.log('Taking everything down.');
  return 0;
}

/** At once while there is nothing yet that would stay behind, and when it is asked twice. */
function untilInterrupted(isUp: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const stop = (): void => {
    if (asked || !isUp()) process.exit(130);
    asked = true;
    resolve();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return promise;
}

async function fill(stack: Stack, logs: boolean): Promise<void> {
  const kickoff = stack.clock.now().add(FIRST_SEND_IN).add({ hours: 1 }).toString();
  const retime = firstKickoffAt(loadSeasons({ competitions: ['PL'] }), { after: SATURDAY, at: kickoff });
  await stack.footballData.admin.load({ competitions: ['PL'], retime });
  const operator = await stack.startOperator({ name: 'operator', ...(logs ? { onLine: (line: string) => console.log(line) } : {}) });
  void operator.exited.then((exit) => console.log(`The operator ended (${describeExit(exit)}).`));
  await operator.leads();
  await stack.workspace();
  await stack.feed({ campaignId: stack.campaign({ name: 'Match day push' }), spec: { interval: '30s' } });
}

function guide({ cluster, namespace, clockUrl, braze, footballData, operators }: Stack): void {
  const inNamespace = namespace === 'default' ? '' : ` -n ${namespace}`;
  const program = cluster.kubectlProgram ?? 'kubectl';
  const [operator] = operators;
  const [match] = braze.campaigns();
  console.log(`
It runs until Ctrl-C. In another terminal:

  export KUBECONFIG=${cluster.kubeconfigPath}
  ${program === 'kubectl' ? '' : `alias kubectl=${program}   # when you have none\n  `}kubectl${inNamespace} get mn --watch
  kubectl${inNamespace} get mn,ff,bw -o wide
  kubectl explain mn.spec.sendAt

Keep one back, and let it go again:
  kubectl${inNamespace} patch mn pl-600054 --type merge -p '{"spec":{"suspend":true}}'
  kubectl${inNamespace} patch mn pl-600054 --type merge -p '{"spec":{"suspend":false}}'

Let the league move a match by an hour (followed when two polls have seen it):
  curl ${footballData.adminUrl}/edit -d '[[{"kind":"move","id":600328,"utcDate":"'$(date -u -d '+5 hours' +%FT%H:00:00Z)'"}]]'

Let an hour pass at once, or a minute each second:
  curl -X PUT ${clockUrl} -d '{"advanceMs":3600000}'
  curl -X PUT ${clockUrl} -d '{"rate":60}'

What Braze holds, what fans got, and what it was asked:
  curl ${braze.adminUrl}/schedules
  curl ${braze.adminUrl}/deliveries
  curl ${braze.adminUrl}/requests

Make Braze lose the next answer:
  curl ${braze.adminUrl}/faults -d '{"match":{"endpoint":"campaign-create"},"action":{"kind":"drop-after"}}'

The operator: ${operator?.metricsUrl}, ${operator?.healthUrl}/readyz; campaign ${match?.id}
`);
}

try {
  process.exit(await main());
} catch (error) {
  // These are written for people; anything else is a bug and deserves its stack.
  const misused = error instanceof TypeError && 'code' in error;
  if (misused) console.error(`${error.message}\n${USAGE}`);
  else console.error(error instanceof NoControlPlane ? error.message : error);
  process.exit(misused ? 2 : 1);
}
