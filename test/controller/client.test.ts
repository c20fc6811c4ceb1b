import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Connection, type ConnectOptions, connect } from '../../src/controller/client.ts';
import { ApiError, ApiUnreachable, mayHaveTakenEffect } from '../../src/controller/client-errors.ts';
import { KubeconfigError } from '../../src/controller/credentials-kubeconfig.ts';
import type { RequestNote } from '../../src/controller/request.ts';
import { kubeconfigFor, NOTES, until } from './harness.ts';
import { answer, note, type Script, type ScriptedApi, scriptedApi, status } from './scripted-api.ts';

interface Wired extends AsyncDisposable {
  readonly api: ScriptedApi;
  readonly client: Connection;
  readonly observed: RequestNote[];
}

async function wired(script: Script, options: Partial<ConnectOptions> & { user?: object } = {}): Promise<Wired> {
  const api = await scriptedApi(script);
  const { user = { token: 'sesame-secret' }, ...rest } = options;
  const access = kubeconfigFor(api.url, user);
  const observed: RequestNote[] = [];
  const client = connect({ kubeconfig: access.kubeconfig, observe: (seen) => observed.push(seen), ...rest });
  const dispose = async () => {
    await client.close();
    await api[Symbol.asyncDispose]();
    access.remove();
  };
  return { api, client, observed, [Symbol.asyncDispose]: dispose };
}

const A = { namespace: 'ns', name: 'a' };
const caught = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

describe('a request', () => {
  it('goes to the URL of its kind with the bearer token, and many share few connections', async () => {
    await using made = await wired((_, response) => answer(response, 200, note('a', 5)), { connections: 2 });
    await Promise.all(Array.from({ length: 20 }, () => made.client.get(NOTES, A)));
    expect(made.api.requests[0]).toMatchObject({ method: 'GET', path: '/apis/test.matchday.dev/v1/namespaces/ns/notes/a' });
    expect(made.api.requests[0]!.headers.authorization).toBe('Bearer sesame-secret');
    expect(new Set(made.api.requests.map(({ port }) => port)).size).toBe(2);
  });

  it.each([
    ['merge', { type: 'merge', body: { spec: {} } }, 'application/merge-patch+json', ''],
    ['json', { type: 'json', body: [{ op: 'test' }] }, 'application/json-patch+json', ''],
    ['apply', { type: 'apply', body: {}, fieldManager: 'me', force: true }, 'application/apply-patch+yaml', 'fieldManager=me&force=true'],
  ] as const)('that is a %s patch says so', async (_, patch, contentType, query) => {
    await using made = await wired((__, response) => answer(response, 200, note('a', 5)));
    await made.client.patch(NOTES, A, { ...patch, subresource: 'status' });
    const [request] = made.api.requests;
    expect(request).toMatchObject({ method: 'PATCH', path: '/apis/test.matchday.dev/v1/namespaces/ns/notes/a/status' });
    expect(request!.headers['content-type']).toBe(contentType);
    expect(request!.query.toString()).toBe(query);
  });

  it('that deletes carries its preconditions', async () => {
    await using made = await wired((_, response) => answer(response, 200, status(200, '')));
    await made.client.delete(NOTES, A, { uid: 'u', resourceVersion: '7' });
    expect(JSON.parse(made.api.requests[0]!.body)).toMatchObject({ preconditions: { uid: 'u', resourceVersion: '7' } });
  });

  it('that is refused throws what the server said, and about which object', async () => {
    await using made = await wired((_, response) => answer(response, 409, status(409, 'Conflict', 'modified'), { 'retry-after': '3' }));
    const error = await caught(made.client.replace(NOTES, note('a', 5)));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, reason: 'Conflict', retryAfterSeconds: 3, isConflict: true, isAlreadyExists: false });
    expect((error as Error).message).toBe('PUT notes ns/a: 409 Conflict: modified');
    expect(mayHaveTakenEffect(error)).toBe(false);
  });

  it("that meets a load balancer's page throws its words without the markup", async () => {
    await using made = await wired((_, response) => answer(response, 502, '<html><h1>Bad  Gateway</h1></html>'));
    const error = await caught(made.client.create(NOTES, 'ns', {}));
    expect((error as Error).message).toBe('POST notes ns: 502: Bad Gateway');
    expect(mayHaveTakenEffect(error)).toBe(true);
  });

  it('that gets no answer in time throws that nobody knows, and leaves the connections that may be dead', async () => {
    await using made = await wired((request, response) => request.method === 'GET' && answer(response, 200, note('a', 5)), {
      connections: 1,
    });
    await made.client.get(NOTES, A);
    const error = await caught(made.client.create(NOTES, 'ns', {}, { timeoutMs: 50 }));
    expect(error).toMatchObject({ name: 'ApiUnreachable', code: 'TIMEOUT', sent: true });
    await made.client.get(NOTES, A);
    expect(made.api.requests.at(-1)!.port).not.toBe(made.api.requests[0]!.port);
    expect(made.observed.map(({ code }) => code)).toEqual(['200', '<error>', '200']);
  });

  it('that its caller gives up ends at once', async () => {
    await using made = await wired(() => {});
    const giveUp = new AbortController();
    const pending = caught(made.client.get(NOTES, A, { signal: giveUp.signal }));
    await until('it arrived', () => made.api.requests.length === 1);
    giveUp.abort();
    expect(await pending).toMatchObject({ name: 'ApiUnreachable', code: 'ABORTED' });
  });

  it('that can not connect was not sent', async () => {
    const access = kubeconfigFor('http://127.0.0.1:1', {});
    const client = connect({ kubeconfig: access.kubeconfig });
    const error = await caught(client.create(NOTES, 'ns', {}));
    expect(error).toMatchObject({ code: 'ECONNREFUSED', sent: false });
    expect(mayHaveTakenEffect(error)).toBe(false);
    await client.close();
    access.remove();
  });

  it.each([
    ['garbled', (response: Parameters<Script>[1]) => answer(response, 200, '{"kind": "No'), 'UNREADABLE'],
    [
      'cut off',
      (response: Parameters<Script>[1]) => response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
      'UND_ERR_SOCKET',
    ],
    ['larger than allowed', (response: Parameters<Script>[1]) => answer(response, 200, 'x'.repeat(2_000)), 'TOO_LARGE'],
  ])('whose answer is %s may have taken effect', async (_, respond, code) => {
    await using made = await wired((__, response) => void respond(response), { maxResponseBytes: 1_000 });
    const error = await caught(made.client.create(NOTES, 'ns', {}));
    expect(error).toBeInstanceOf(ApiUnreachable);
    expect(error).toMatchObject({ code });
    expect(mayHaveTakenEffect(error)).toBe(true);
    expect(made.api.requests).toHaveLength(1);
  });

  it('that reads is sent again when the server had closed the kept-alive connection; one that writes never', async () => {
    const hangUp: Script = (_, response, count) =>
      void (count % 2 === 1 ? response.socket?.resetAndDestroy() : answer(response, 200, note('a', 5)));
    await using made = await wired(hangUp);
    expect(await made.client.get(NOTES, A)).toMatchObject({ metadata: { name: 'a' } });
    expect(await caught(made.client.create(NOTES, 'ns', {}))).toMatchObject({ sent: true });
    expect(made.api.requests).toHaveLength(3);
  });

  it('never shows the token in an error', async () => {
    await using made = await wired(
      (_, response, count) => void (count === 1 ? answer(response, 403, status(403, 'Forbidden')) : response.destroy()),
    );
    const errors = [await caught(made.client.create(NOTES, 'ns', {})), await caught(made.client.create(NOTES, 'ns', {}))];
    for (const error of errors)
      expect(JSON.stringify([error, (error as Error).stack, (error as Error).cause])).not.toContain('sesame-secret');
  });

  it('is counted once per attempt with its code, method and host', async () => {
    await using made = await wired((_, response) => answer(response, 404, status(404, 'NotFound')));
    await caught(made.client.get(NOTES, A));
    expect(made.observed).toMatchObject([{ code: '404', method: 'GET', host: new URL(made.api.url).host }]);
  });

  it('is not held up by watches, however many are open', async () => {
    await using made = await wired(
      (request, response) =>
        void (request.query.has('watch') ? response.writeHead(200).flushHeaders() : answer(response, 200, note('a', 5))),
      { connections: 1 },
    );
    const stop = new AbortController();
    const watches = Array.from({ length: 8 }, async () => {
      for await (const event of made.client.watch(NOTES, {
        timeoutSeconds: 60,
        idleMs: 60_000,
        startTimeoutMs: 5_000,
        signal: stop.signal,
      }))
        expect.unreachable(event.type);
    });
    await until('all watches are open', () => made.api.requests.length === 8);
    await made.client.get(NOTES, A);
    stop.abort();
    await Promise.allSettled(watches);
  });
});

describe('credentials', () => {
  const onlyToken =
    (token: string): Script =>
    (request, response) =>
      request.headers.authorization === `Bearer ${token}`
        ? answer(response, 200, note('a', 5))
        : answer(response, 401, status(401, 'Unauthorized'));

  it('from a token file are read again after a 401, and a read is repeated with them; a write is not', async () => {
    const files = kubeconfigFor('http://unused.invalid', {});
    const tokenFile = path.join(files.directory, 'token');
    writeFileSync(tokenFile, 'old');
    await using made = await wired(onlyToken('new'), { user: { tokenFile }, minRefreshMs: 0 });
    expect(await caught(made.client.get(NOTES, A))).toMatchObject({ status: 401 });
    writeFileSync(tokenFile, 'new\n');
    expect(await caught(made.client.create(NOTES, 'ns', {}))).toMatchObject({ status: 401 });
    await made.client.create(NOTES, 'ns', {});
    writeFileSync(tokenFile, 'wrong');
    await made.client.get(NOTES, A);
    expect(made.api.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer old', 'Bearer new', 'Bearer new']);
    files.remove();
  });

  it('from an exec plug-in are asked for again after a 401, once for all who wait', async () => {
    const files = kubeconfigFor('http://unused.invalid', {});
    const counter = path.join(files.directory, 'count');
    const script = `echo x >> ${counter}; echo "{\\"status\\": {\\"token\\": \\"t$(grep -c x ${counter})\\"}}"`;
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/bin/sh', args: ['-c', script] };
    await using made = await wired(onlyToken('t2'), { user: { exec } });
    await Promise.all(Array.from({ length: 5 }, () => made.client.get(NOTES, A)));
    expect(new Set(made.api.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer t1', 'Bearer t2']));
    files.remove();
  });

  it('that stay wrong do not run the plug-in or read the file for each request', async () => {
    const files = kubeconfigFor('http://unused.invalid', {});
    const tokenFile = path.join(files.directory, 'token');
    writeFileSync(tokenFile, 'old');
    await using made = await wired(onlyToken('new'), { user: { tokenFile }, minRefreshMs: 3_600_000 });
    for (let i = 0; i < 3; i++) await caught(made.client.get(NOTES, A));
    expect(made.api.requests).toHaveLength(3);
    files.remove();
  });

  it('whose file is gone for a moment are used on', async () => {
    const files = kubeconfigFor('http://unused.invalid', {});
    const tokenFile = path.join(files.directory, 'token');
    writeFileSync(tokenFile, 'fine');
    await using made = await wired(onlyToken('fine'), { user: { tokenFile }, maxAgeMs: 0 });
    await made.client.get(NOTES, A);
    files.remove();
    await made.client.get(NOTES, A);
  });

  it('that can not be had at all are an error that names the user and what failed', async () => {
    await using made = await wired(() => {}, { user: { tokenFile: '/nowhere/token' } });
    const error = await caught(made.client.get(NOTES, A));
    expect(error).toMatchObject({ name: 'ApiUnreachable', code: 'CREDENTIALS', sent: false });
    expect((error as Error).message).toMatch(/no credentials for user "u".*\/nowhere\/token/);
  });
});

describe('the configuration', () => {
  it('that is nowhere says what to give', () => {
    expect(() => connect({ kubeconfig: '/nowhere/config' })).toThrow(KubeconfigError);
    expect(() => connect({ kubeconfig: '/nowhere/config' })).toThrow('no kubeconfig at /nowhere/config');
  });

  it('without the context that was asked for names those that exist', () => {
    const access = kubeconfigFor('http://127.0.0.1:1', {});
    expect(() => connect({ kubeconfig: access.kubeconfig, context: 'prod' })).toThrow('no context "prod"; there are: x');
    access.remove();
  });

  it('that can not be parsed is named, and nothing of it is quoted', () => {
    const access = kubeconfigFor('http://127.0.0.1:1', {});
    writeFileSync(access.kubeconfig, 'users: [{ name: u, user: { token: sesame-secret\n  : }');
    const thrown = () => connect({ kubeconfig: access.kubeconfig });
    expect(thrown).toThrow(`kubeconfig ${access.kubeconfig} can't be read`);
    expect(thrown).not.toThrow('sesame-secret');
    access.remove();
  });

  it('with a server that is no URL, or a CA file that is none, says which', () => {
    const access = kubeconfigFor('not a url', {});
    expect(() => connect({ kubeconfig: access.kubeconfig })).toThrow('the server "not a url" of cluster "c" is no URL');
    const fine = kubeconfigFor('https://127.0.0.1:1', {});
    expect(() => connect({ kubeconfig: fine.kubeconfig, caFile: '/nowhere/ca.pem' })).toThrow("CA file /nowhere/ca.pem can't be read");
    expect(() => connect({ kubeconfig: fine.kubeconfig, caFile: fine.kubeconfig })).toThrow('holds no PEM certificate');
    access.remove();
    fine.remove();
  });

  it('is found through KUBECONFIG, and its relative token file beside it', async () => {
    await using made = await wired((_, response) => answer(response, 200, note('a', 5)));
    const access = kubeconfigFor(made.api.url, { tokenFile: 'secrets/token' });
    mkdirSync(path.join(access.directory, 'secrets'));
    writeFileSync(path.join(access.directory, 'secrets', 'token'), 'beside');
    const client = connect({ env: { KUBECONFIG: `/nowhere/else:${access.kubeconfig}` } });
    await client.get(NOTES, A);
    expect(made.api.requests[0]!.headers.authorization).toBe('Bearer beside');
    await client.close();
    access.remove();
  });
});
