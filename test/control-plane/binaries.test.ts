import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FindOptions, findBinaries, NoControlPlane } from '../../sandbox/control-plane/binaries.ts';
import { cacheDirectory, MODULE_DIRECTORY } from '../../sandbox/control-plane/cache.ts';
import { ESSENTIAL, KUBERNETES_VERSION } from '../../sandbox/control-plane/components.ts';
import { runTied } from '../../sandbox/process/run-tied.ts';
import { until } from '../../sandbox/process/until.ts';
import { startParent, untilGone } from '../support/processes.ts';

let home: string;
let env: NodeJS.ProcessEnv;
let lines: string[];

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'matchday-test-binaries-'));
  await mkdir(path.join(home, 'bin'));
  env = { XDG_CACHE_HOME: path.join(home, 'cache'), HOME: home, PATH: path.join(home, 'bin') };
  lines = [];
});

afterEach(() => rm(home, { recursive: true, force: true }));

const find = (options: FindOptions = {}): ReturnType<typeof findBinaries> =>
  findBinaries({ env, progress: (line) => lines.push(line), ...options });

async function program(file: string, script: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

/** Stands in for the go command: notes each call, and "builds" a script. `before` runs first. */
async function fakeGo(before = ''): Promise<void> {
  await program(
    path.join(home, 'bin', 'go'),
    `PATH=/usr/bin:/bin
     echo "$*" >>"${home}/calls"
     ${before}
     while [ "$1" != -o ]; do shift; done
     echo k8s.io/some/package >&2
     echo '#!/bin/sh' >"$2" && chmod +x "$2"`,
  );
}

async function calls(): Promise<string[]> {
  const text = await readFile(path.join(home, 'calls'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

describe('the programs of the control plane', () => {
  it('are taken from KUBEBUILDER_ASSETS when it is set, before all else', async () => {
    const assets = path.join(home, 'assets');
    for (const name of ESSENTIAL) await program(path.join(assets, name), 'true');
    await fakeGo();
    const found = await find({ env: { ...env, KUBEBUILDER_ASSETS: assets } });
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(ESSENTIAL.map((name) => [name, path.join(assets, name)])));
    expect(await calls()).toEqual([]);
  });

  it('are not looked for elsewhere when KUBEBUILDER_ASSETS leads nowhere: the variable is the mistake', async () => {
    const assets = path.join(home, 'assets');
    await program(path.join(assets, 'etcd'), 'true');
    await expect(find({ env: { ...env, KUBEBUILDER_ASSETS: assets } })).rejects.toThrow(
      `there is no program ${path.join(assets, 'kubectl')}`,
    );
  });

  it('come from elsewhere when they are not part of an envtest archive', async () => {
    const assets = path.join(home, 'assets');
    for (const name of ESSENTIAL) await program(path.join(assets, name), 'true');
    await fakeGo();
    const found = await find({ env: { ...env, KUBEBUILDER_ASSETS: assets }, components: [...ESSENTIAL, 'kube-controller-manager'] });
    expect(found.get('etcd')).toBe(path.join(assets, 'etcd'));
    expect(found.get('kube-controller-manager')).toContain(path.join(home, 'cache'));
  });

  it('are built once, from the pinned modules, and then found in the cache without Go', async () => {
    await fakeGo();
    const found = await find();
    expect([...found.keys()]).toEqual(ESSENTIAL);
    expect(await calls()).toHaveLength(3);
    expect((await calls())[2]).toContain(`-X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`);
    for (const file of found.values()) expect((await runTied({ command: file })).code).toBe(0);
    await rm(path.join(home, 'bin', 'go'));
    lines = [];
    expect(await find()).toEqual(found);
    expect(lines).toEqual([]);
  });

  it('say while they are built what is built, how long it may take, and what comes next', async () => {
    await fakeGo();
    await find();
    expect(lines[0]).toMatch(/building etcd, kubectl, kube-apiserver with Go into .*cache.*6 to 9 minutes/);
    expect(lines).toContainEqual(expect.stringMatching(/^kubectl \(2 of 3\): started, about .* next is kube-apiserver$/));
    expect(lines.at(-1)).toMatch(/^kube-apiserver \(3 of 3\): done after 0m0\ds$/);
  });

  it('are built by one of two builders, while the other waits and then uses the same', async () => {
    await fakeGo('sleep 0.3');
    const [one, two] = await Promise.all([find(), find()]);
    expect(one).toEqual(two);
    expect(await calls()).toHaveLength(3);
    expect(lines).toContain('etcd: somebody else is building it, waiting');
  });

  it('are built although a builder died and left its lock', async () => {
    await fakeGo();
    const directory = await cacheDirectory(env);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, '.etcd.lock'), '');
    await utimes(path.join(directory, '.etcd.lock'), new Date(0), new Date(0));
    expect((await find()).get('etcd')).toBe(path.join(directory, 'etcd'));
  });

  it('leave nothing half built when a build fails, and the end of what Go said is shown', async () => {
    await fakeGo('echo k8s.io/compiled/fine >&2; echo "proxy.golang.org: no route to host" >&2; exit 1');
    const failure = await find().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoControlPlane);
    expect(String(failure)).toContain('proxy.golang.org: no route to host');
    expect(String(failure)).not.toContain('compiled/fine');
    expect(await readdir(await cacheDirectory(env))).toEqual([]);
  });

  it('can be had in four ways, which are all named when there is none', async () => {
    const failure = await find().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoControlPlane);
    const { message } = failure as NoControlPlane;
    expect(message).toContain('--context');
    expect(message).toContain('KUBEBUILDER_ASSETS');
    expect(message).toContain(await cacheDirectory(env));
    expect(message).toContain('there is no "go" in PATH');
  });

  it('have a version that the pinned modules agree with', async () => {
    const modules = await readFile(path.join(MODULE_DIRECTORY, 'go.mod'), 'utf8');
    expect(modules).toMatch(new RegExp(`k8s\\.io/kubernetes ${KUBERNETES_VERSION.replaceAll('.', '\\.')}(\\s|$)`));
  });

  it('leave no compiler and no half-built file behind when the builder is killed', async () => {
    await fakeGo(`echo $$ >"${home}/go.pid"; sleep 600`);
    const script = path.join(import.meta.dirname, 'builder-parent.ts');
    const parent = await startParent<{ readonly cache: string }>(script, home);
    const pid = await until(async () => Number(await readFile(path.join(home, 'go.pid'), 'utf8')) || undefined, {
      what: 'the build to start',
      timeoutMs: 5_000,
    });
    parent.signalGroup('SIGKILL');
    await parent.exited();
    await untilGone({ pids: [pid] });
    await until(async () => ((await readdir(parent.said.cache)).every((file) => file.endsWith('.lock')) ? true : undefined), {
      what: 'the scratch directory to be removed',
      timeoutMs: 5_000,
    });
  });
});

describe('the command', () => {
  const MAIN = path.join(MODULE_DIRECTORY, 'main.ts');
  const run = (...args: string[]): ReturnType<typeof runTied> => runTied({ command: process.execPath, args: [MAIN, ...args], env });

  it('prints where the programs are, and only that, on standard output', async () => {
    await fakeGo();
    const { code, stdout, stderr } = await run('build', '--controller-manager');
    expect(code).toBe(0);
    const directory = await cacheDirectory(env);
    expect(stdout.split('\n')).toEqual([...ESSENTIAL, 'kube-controller-manager'].map((name) => path.join(directory, name)));
    expect(stderr).toContain('control plane: etcd (1 of 4): started');
  });

  it.each([[[]], [['run']], [['build', '--fast']]])('exits with 2 when it is called wrongly: %j', async (args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/usage|Unknown option/);
  });

  it('exits with 1 and without a stack when there is no way', async () => {
    const { code, stderr } = await run('build');
    expect(code).toBe(1);
    expect(stderr).toContain('there is no "go" in PATH');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
