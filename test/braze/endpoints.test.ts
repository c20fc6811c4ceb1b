import { describe, expect, it } from 'vitest';
import { checkEndpoint } from '../../src/braze/endpoints.ts';

describe('the endpoint allow-list', () => {
  it.each([
    'https://rest.iad-01.braze.com',
    'https://rest.iad-08.braze.com/',
    'https://rest.fra-02.braze.eu',
    'https://rest.us-10.braze.com',
    'https://rest.kr-01.braze.com',
  ])('takes the documented host %s', (endpoint) => {
    expect(checkEndpoint(endpoint, [])).toMatchObject({ allowed: true });
  });

  it.each([
    'https://rest.iad-09.braze.com',
    'https://rest.iad-01.braze.com.evil.example',
    'https://evil.example/rest.iad-01.braze.com',
    'https://rest.iad-01.braze.com@evil.example',
    'https://rest.iad-01.braze.com:8443',
    'https://rest.iad-01.braze.com/campaigns',
    'http://rest.iad-01.braze.com',
    'http://127.0.0.1:8080',
    'http://169.254.169.254',
    'not a url',
  ])('refuses %s with a sentence that says what to do', (endpoint) => {
    expect(checkEndpoint(endpoint, [])).toMatchObject({
      allowed: false,
      message: expect.stringMatching(/--allow-endpoint|must not carry/),
    });
  });

  it('takes exactly the origins that the operator was started with', () => {
    const allowed = ['http://127.0.0.1:8080/'];
    expect(checkEndpoint('http://127.0.0.1:8080', allowed)).toEqual({ allowed: true, origin: 'http://127.0.0.1:8080' });
    expect(checkEndpoint('http://127.0.0.1:8081', allowed)).toMatchObject({ allowed: false });
    expect(checkEndpoint('https://127.0.0.1:8080', allowed)).toMatchObject({ allowed: false });
  });
});
