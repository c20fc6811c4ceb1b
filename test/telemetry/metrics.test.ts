import { describe, expect, it } from 'vitest';
import type { ControllerMetrics } from '../../src/controller/runtime-metrics.ts';
import { bornFor, controllerMetrics } from '../../src/telemetry/controller-metrics.ts';
import { METRICS } from '../../src/telemetry/metric-table.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const body = async (metrics: ReturnType<typeof createMetrics>) => (await metrics.page()).body;

describe('the metrics page', () => {
  it('shows every metric of the table with its type and help', async () => {
    const page = await body(createMetrics());
    for (const { name, type, help } of Object.values(METRICS)) {
      expect(page).toContain(`# TYPE ${name} ${type}\n`);
      expect(page).toContain(`# HELP ${name} ${help}\n`);
    }
  });

  it('has series at zero before anything happened', async () => {
    const page = await body(
      createMetrics({ born: { notifications: { phase: ['Scheduled', 'Blocked'] }, reconciles: { controller: ['feed'] } } }),
    );
    for (const line of [
      'matchday_compensations_total 0',
      'matchday_sends_total{result="Missed"} 0',
      'matchday_notifications{phase="Blocked"} 0',
      'controller_runtime_reconcile_total{controller="feed",result="requeue_after"} 0',
    ]) {
      expect(page.split('\n')).toContain(line);
    }
  });

  it('is told in the text format, with its content type', async () => {
    expect((await createMetrics().page()).contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('is one for each process: two do not count into each other', async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.compensations.inc();
    expect(await body(one)).toContain('matchday_compensations_total 1\n');
    expect(await body(other)).toContain('matchday_compensations_total 0\n');
  });

  it('holds the process metrics when asked', async () => {
    expect(await body(createMetrics({ processMetrics: true }))).toContain('process_resident_memory_bytes');
  });
});

describe('series of objects', () => {
  const object = { kind: 'MatchNotification', namespace: 'default', name: 'pl-1' };

  it('follow the problems of an object: a reason that is over takes its series with it', async () => {
    const metrics = createMetrics();
    metrics.problems.set(object, [{ type: 'Stalled', reason: 'Unauthorized' }]);
    metrics.problems.set(object, [
      { type: 'Stalled', reason: 'ClockSkew' },
      { type: 'Drifted', reason: 'TooLateToMove' },
    ]);
    const page = await body(metrics);
    expect(page).not.toContain('Unauthorized');
    expect(page).toContain(
      'matchday_resource_condition{kind="MatchNotification",namespace="default",name="pl-1",type="Stalled",reason="ClockSkew"} 1',
    );
    metrics.problems.set(object, []);
    expect(await body(metrics)).not.toContain('pl-1');
  });

  it('go with the object', async () => {
    const metrics = createMetrics();
    const labels = { namespace: 'default', name: 'pl-1' };
    metrics.sendTimestamp.set(labels, 1);
    metrics.sendArmed.set(labels, 1);
    metrics.problems.set(object, [{ type: 'Stalled', reason: 'Missed' }]);
    metrics.rateLimitRemaining.set({ namespace: 'default', name: 'pl', bucket: 'feed' }, 5);
    metrics.rateLimitRemaining.set({ namespace: 'default', name: 'main', bucket: 'hour' }, 5);
    metrics.clockSkew.set({ namespace: 'default', name: 'main' }, 5);
    metrics.forget(object);
    metrics.forget({ kind: 'FixtureFeed', namespace: 'default', name: 'pl' });
    metrics.forget({ kind: 'BrazeWorkspace', namespace: 'default', name: 'main' });
    expect(await body(metrics)).not.toContain('namespace="default"');
  });
});

describe('the hooks of a controller', () => {
  it('count under its name what the runtime tells, and read the queue for each page', async () => {
    const metrics = createMetrics({ born: bornFor(['feed', 'workspace']) });
    const hooks: ControllerMetrics = controllerMetrics(metrics, 'feed');
    hooks.maxConcurrent(16);
    hooks.activeWorkers(2);
    hooks.queue.added();
    hooks.queue.retried();
    hooks.queue.waited(0.02);
    hooks.queue.worked(0.2);
    hooks.reconciled('error', 0.2);
    hooks.reconciled('success', 0.1);
    const stop = controllerMetrics(metrics, 'feed').readQueue(() => ({ depth: 7, unfinishedSeconds: 1.5, longestRunningSeconds: 1 }));
    const lines = (await body(metrics)).split('\n');
    stop();
    for (const line of [
      'controller_runtime_max_concurrent_reconciles{controller="feed"} 16',
      'controller_runtime_active_workers{controller="feed"} 2',
      'controller_runtime_reconcile_total{controller="feed",result="success"} 1',
      'controller_runtime_reconcile_errors_total{controller="feed"} 1',
      'controller_runtime_reconcile_errors_total{controller="workspace"} 0',
      'controller_runtime_reconcile_time_seconds_count{controller="feed"} 2',
      'workqueue_adds_total{name="feed"} 1',
      'workqueue_retries_total{name="feed"} 1',
      'workqueue_queue_duration_seconds_sum{name="feed"} 0.02',
      'workqueue_work_duration_seconds_sum{name="feed"} 0.2',
      'workqueue_depth{name="feed"} 7',
      'workqueue_unfinished_work_seconds{name="feed"} 1.5',
      'workqueue_longest_running_processor_seconds{name="workspace"} 0',
    ]) {
      expect(lines).toContain(line);
    }
  });
});

describe('the names', () => {
  it('are unique, and follow the rules of Prometheus', () => {
    const names = Object.values(METRICS).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, type, help } of Object.values(METRICS)) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      expect(help).toMatch(/\.$/);
    }
  });
});
