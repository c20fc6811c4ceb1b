/** Turns SIGTERM (the kubelet) and SIGINT (Ctrl-C) into the one signal that `Manager.run` listens to. */

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export interface StopSignal {
  readonly signal: AbortSignal;
  /** Listens no more, so that a second Ctrl-C kills. */
  readonly dispose: () => void;
}

/** Aborted by the first of the signals; its reason names it. */
export function stopSignal(process: Pick<NodeJS.Process, 'on' | 'off'>): StopSignal {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => controller.abort(new Error(`received ${name}`));
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
