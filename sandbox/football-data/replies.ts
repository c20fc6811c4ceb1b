/** Replies in the service's own words (contracts 2.6). The three spellings of an error body are the wire's, not a slip. */

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=UTF-8' },
  body: JSON.stringify(body),
});

export const ok = (body: unknown): Reply => json(200, body);
const badRequest = (message: string): Reply => json(400, { message, errorCode: 400 });
export const invalidToken = (): Reply => badRequest('Your API token is invalid.');
export const badCompetition = (): Reply =>
  badRequest("Argument 'competitionId' is expected to be either an integer in a specified range or a competition code.");
export const periodTooLong = (): Reply => badRequest('Specified period must not exceed 10 days.');
export const badArgument = (name: string, expected: string): Reply => badRequest(`Argument '${name}' is expected to be ${expected}.`);
export const restricted = (): Reply =>
  json(403, {
    message: 'The resource you are looking for is restricted and apparently not within your permissions. Please check your subscription.',
    errorCode: 403,
  });
export const notFound = (): Reply => json(404, { message: 'The resource you are looking for does not exist.', error: 404 });
export const tooManyRequests = (seconds: number): Reply =>
  json(429, { message: `You reached your request limit. Wait ${seconds} seconds.`, errorCode: 429 });
/** As the errors page shows it: the third spelling. */
export const serverError = (status: number): Reply => json(status, { error: 'Internal server error.' });
export const htmlPage = (status: number): Reply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1></body></html>',
});
