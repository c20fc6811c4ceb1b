/**
 * The calls that the operator makes, by name. The name is the `endpoint` label of the metrics and the unit that a 403 stops.
 * Which rate limit each of them counts in is contracts 1.9 and 1.12.
 */
export const ENDPOINTS = [
  'schedule.create',
  'schedule.update',
  'schedule.delete',
  'campaigns.details',
  'broadcasts.list',
  'catalogs.list',
  'catalogs.create',
  'catalogs.fields',
  'items.put',
  'items.put-many',
  'items.get',
  'items.list',
  'items.delete-many',
] as const;
export type Endpoint = (typeof ENDPOINTS)[number];

/**
 * Calls that nothing depends on. A key without the permission for one of them, which Braze may answer with a 401 as well as a 403
 * (contracts 1.8), says nothing of the others.
 */
export const OPTIONAL_ENDPOINTS: ReadonlySet<Endpoint> = new Set(['broadcasts.list']);

/** The REST hosts that Braze documents (contracts 1.1). */
const DOCUMENTED_HOSTS = /^rest\.(?:(?:iad-0[1-8]|us-10|au-01|id-01|jp-01|kr-01)\.braze\.com|fra-0[12]\.braze\.eu)$/;

export type EndpointCheck = { readonly allowed: true; readonly origin: string } | { readonly allowed: false; readonly message: string };

/**
 * Whether the operator may send an API key to `endpoint`. An object of a namespace must not be able to make the operator call
 * any host but Braze (P6): only the documented hosts over https, or an exact origin from `--allow-endpoint`.
 */
export function checkEndpoint(endpoint: string, allowedOrigins: readonly string[]): EndpointCheck {
  if (!URL.canParse(endpoint)) return notAllowed(endpoint, 'it is not a URL');
  const url = new URL(endpoint);
  if (url.username !== '' || url.password !== '') return { allowed: false, message: 'the endpoint must not carry a user name or password' };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return notAllowed(endpoint, 'it has a path; give only the origin');
  if (allowedOrigins.some((origin) => sameOrigin(origin, url.origin))) return { allowed: true, origin: url.origin };
  if (url.protocol === 'https:' && url.port === '' && DOCUMENTED_HOSTS.test(url.hostname)) return { allowed: true, origin: url.origin };
  return notAllowed(endpoint, 'it is not a REST host that Braze documents');
}

function sameOrigin(allowed: string, origin: string): boolean {
  return URL.canParse(allowed) && new URL(allowed).origin === origin;
}

function notAllowed(endpoint: string, why: string): EndpointCheck {
  return {
    allowed: false,
    message: `endpoint ${endpoint} is not allowed: ${why}. Use the REST endpoint of your Braze instance, or start the operator with --allow-endpoint for this exact origin`,
  };
}
