import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';

/** Files that the API server is started with, in the control plane's own directory. */
export interface Credentials {
  /** Lets its bearer do everything (group system:masters). */
  readonly adminToken: string;
  readonly tokenFile: string;
  /** Signs and checks the tokens of service accounts. */
  readonly serviceAccountKeyFile: string;
}

/** Writes fresh credentials into `directory`: no two control planes share a token. */
export async function writeCredentials(directory: string): Promise<Credentials> {
  const adminToken = randomBytes(24).toString('hex');
  const tokenFile = path.join(directory, 'tokens.csv');
  await writeFile(tokenFile, `${adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
  const serviceAccountKeyFile = path.join(directory, 'service-accounts.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(serviceAccountKeyFile, privateKey.export({ type: 'sec1', format: 'pem' }), { mode: 0o600 });
  return { adminToken, tokenFile, serviceAccountKeyFile };
}

/** The certificate that the API server made for itself at its first start, with the authority that signed it. Throws while it is not there. */
export function readServerCertificate(certificateDirectory: string): Promise<string> {
  return readFile(path.join(certificateDirectory, 'apiserver.crt'), 'utf8');
}

export interface KubeconfigOptions {
  readonly server: string;
  readonly token: string;
  /** PEM. */
  readonly certificateAuthority: string;
}

/** Text of a kubeconfig with one cluster, one user and one context, all called `sandbox`. */
export function kubeconfig({ server, token, certificateAuthority }: KubeconfigOptions): string {
  const name = 'sandbox';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
