/** Policies: what they allow, and that an option cannot write a directive that it is not for. */
import { expect, test } from 'vitest';
import { contentSecurityPolicy, type ContentSecurityPolicyOptions } from './content-security-policy.js';

const portals = ['https://gis.example.org/portal', 'https://gis.example.org/server', 'https://*.arcgis.com'];

/** Directives by name. */
const parse = (policy: string): Record<string, string> =>
  Object.fromEntries(
    policy.split('; ').map((text) => [text.split(' ', 1)[0] ?? '', text.split(' ').slice(1).join(' ')]),
  );

test('pages run their own script, talk to the portals, and show no frames', () => {
  expect(parse(contentSecurityPolicy({ portals }).page)).toEqual({
    'default-src': "'self'",
    'script-src': "'self'",
    'worker-src': "'self'",
    'img-src': "'self' data: blob: https://gis.example.org https://*.arcgis.com",
    'connect-src': "'self' https://gis.example.org https://*.arcgis.com",
    'frame-src': "'none'",
    'frame-ancestors': "'none'",
    'object-src': "'none'",
    'base-uri': "'none'",
    'form-action': "'self'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'identity-worker',
  });
});

test('the worker talks to the portals, and reports nothing', () => {
  const directives = { 'report-uri': 'https://reports.example/', 'report-to': 'csp' };
  const { page, worker } = contentSecurityPolicy({ portals, directives });
  expect(page).toContain('report-uri https://reports.example/');
  expect(parse(worker)).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'connect-src': "'self' https://gis.example.org https://*.arcgis.com",
  });
});

test('silent sign-ins have their frames', () => {
  const { page } = contentSecurityPolicy({
    portals,
    frames: ['https://gis.example.org/portal', 'https://signin.example.org/'],
  });
  expect(parse(page)).toMatchObject({
    'frame-src': "'self' https://gis.example.org https://signin.example.org",
    'frame-ancestors': "'self'",
  });
});

test('an app has its own directives, and its own Trusted Types or none', () => {
  const own = { 'style-src': "'self' 'unsafe-inline'", 'img-src': '*', 'upgrade-insecure-requests': '' };
  expect(parse(contentSecurityPolicy({ portals, directives: own }).page)).toMatchObject(own);
  expect(contentSecurityPolicy({ portals, trustedTypes: ['dompurify'] }).page).toMatch(
    /trusted-types identity-worker dompurify$/,
  );
  expect(contentSecurityPolicy({ portals, trustedTypes: false }).page).not.toContain('trusted-types');
});

test.each<[string, Partial<ContentSecurityPolicyOptions>]>([
  ['a host alone', { portals: ['gis.example.org'] }],
  ['another scheme', { portals: ['javascript:alert(1)'] }],
  ['a wildcard for everything', { portals: ['https://*'] }],
  ['another directive in a portal', { portals: ['https://gis.example.org;script-src *'] }],
  ['another source in a portal', { portals: ['https://gis.example.org https://evil.example'] }],
  ['another directive in a frame', { frames: ["https://gis.example.org; script-src 'unsafe-inline'"] }],
  ['another directive in a directive', { directives: { 'img-src': '*; script-src *' } }],
  ['another policy in a directive', { directives: { 'img-src': '*, script-src *' } }],
  ['a line in a directive', { directives: { 'img-src': '*\r\nset-cookie: a=b' } }],
  ['another directive in a name', { directives: { 'img-src *; script-src': '*' } }],
  ['another directive in a policy’s name', { trustedTypes: ['a; script-src *'] }],
])('%s is refused', (_, options) => {
  expect(() => contentSecurityPolicy({ portals, ...options })).toThrow(
    expect.objectContaining({ code: 'policy-invalid' }),
  );
});
