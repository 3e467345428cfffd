/** Headers of the page: https, Content-Security-Policy, and the policies of openers. */
import { about, type Finding } from './finding.js';
import { get, NoAnswer } from './http.js';
import { forbids, policiesOf } from './policy.js';
import { elementsOf } from './scripts.js';
import { workerFetch } from './setup.js';
import { isLoopback, tried, type Site } from './site.js';

export function checkHttps({ page: { url } }: Site): Finding[] {
  const { ok, fault } = about('HTTPS');
  if (url.protocol === 'https:') return [ok('the page comes by https.')];
  if (isLoopback(url)) return [ok('the page comes by http from this machine, which browsers trust.')];
  return [
    fault(
      'the page comes by http, where browsers have no service workers.',
      'Serve the site by https, and redirect http to it.',
    ),
  ];
}

export function checkOpener({ page }: Site): Finding[] {
  const policy = page.headers.get('cross-origin-opener-policy')?.split(';', 1)[0]?.trim();
  const { ok, warning } = about('Cross-Origin-Opener-Policy');
  if (policy === undefined) return [];
  return policy.startsWith('same-origin') && policy !== 'same-origin-allow-popups'
    ? [
        warning(
          `pages have ${policy}, which severs the sign-in window from the page: the page does not see that a user closes it.`,
          'Send same-origin-allow-popups where the page does not need to be isolated.',
        ),
      ]
    : [ok(`pages have ${policy}.`)];
}

export async function checkPolicies({ page, setup, cookie }: Site): Promise<Finding[]> {
  const { ok, fault, warning } = about('Content-Security-Policy');
  const { worker, portal } = setup;
  const meta = elementsOf(page.text, 'meta')
    .filter(({ attributes }) => attributes.get('http-equiv')?.toLowerCase() === 'content-security-policy')
    .map(({ attributes }) => attributes.get('content') ?? '');
  const policies = [page.headers.get('content-security-policy'), ...meta].flatMap((each) => policiesOf(each));
  const findings: Finding[] = [];
  const require = (
    of: typeof policies,
    whose: string,
    directive: string,
    url: URL | undefined,
    level: 'fault' | 'warning',
    need: string,
  ): void => {
    const by =
      url && of.map((policy) => forbids(policy, directive, url, page.url)).find((each) => each !== undefined);
    if (!url || by === undefined) return;
    const source = url.origin === page.url.origin ? "'self'" : url.origin;
    const make = level === 'fault' ? fault : warning;
    findings.push(make(`${by} of ${whose} forbids ${need}.`, `Add ${source} to ${directive}.`));
  };
  require(policies, 'the page', 'worker-src', worker, 'fault', 'the worker');
  require(policies, 'the page', 'connect-src', portal, 'fault', 'requests to the portal');
  require(policies, 'the page', 'frame-src', portal, 'warning', 'silent sign-ins, which need a frame');
  for (const policy of policies) {
    const sandbox = policy.get('sandbox');
    const missing = ['allow-scripts', 'allow-same-origin', 'allow-popups'].filter(
      (each) => !sandbox?.includes(each),
    );
    if (sandbox && missing.length > 0)
      findings.push(
        fault(
          `sandbox of the page forbids workers or the sign-in window.`,
          `Add ${missing.join(' ')} to sandbox, or leave it out.`,
        ),
      );
  }
  const script =
    worker && (await tried(() => get(worker, { ...workerFetch, ...(cookie === '' ? {} : { cookie }) })));
  if (script && !(script instanceof NoAnswer))
    require(policiesOf(
      script.headers.get('content-security-policy'),
    ), "the worker's script", 'connect-src', portal, 'fault', 'requests to the portal');
  if (findings.some(({ level }) => level === 'fault')) return findings;
  return [
    ...findings,
    ok(
      policies.length === 0
        ? 'the page has none; docs/server.md makes one.'
        : 'worker and portal are let in.',
    ),
  ];
}
