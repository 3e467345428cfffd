/** The settings of the portal: whether its authorization endpoint accepts client id and redirect URI. */
import { createHash, randomBytes } from 'node:crypto';
import { about, type Finding } from './finding.js';
import { NoAnswer, visit } from './http.js';
import { isLoopback, tried, type Site } from './site.js';

export async function checkPortal({ page, setup }: Site): Promise<Finding[]> {
  const { ok, fault, skipped } = about('Portal');
  const { portal, clientId, redirectUri } = setup;
  if (!portal || clientId === undefined || !redirectUri) {
    const missing = [
      ...(portal ? [] : ['--portal <url>']),
      ...(clientId === undefined ? ['--client-id <id>'] : []),
      ...(redirectUri ? [] : ['--redirect-uri <path>']),
    ];
    return [skipped(`the worker does not tell all of its registration. Name it: ${missing.join(' ')}.`)];
  }
  if (page.url.protocol === 'https:' && portal.protocol === 'http:' && !isLoopback(portal))
    return [
      fault(
        `${portal.href} is not https: browsers let no page of an https site go there.`,
        'Use the https address of the portal.',
      ),
    ];
  const url = new URL(`${portal.href.replace(/\/+$/, '')}/sharing/rest/oauth2/authorize`);
  const parameters = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri.href,
    state: 'doctor',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const answer = await tried(() => visit(url));
  if (answer instanceof NoAnswer)
    return [fault(`${answer.message}.`, "Correct the portal's address, or wait until it is up again.")];
  const problem = `${answer.location?.searchParams.get('error') ?? ''} ${answer.text}`;
  if (
    /redirect[_ ]uri/i.test(problem) &&
    /invalid|not registered|mismatch/i.test(problem) &&
    answer.status !== 200
  )
    return [notRegistered()];
  if (/invalid[_ ]redirect[_ ]uri/i.test(problem)) return [notRegistered()];
  if (/invalid[_ ]client(?:[_ ]id)?|unauthorized_client/i.test(problem))
    return [
      fault(
        `${portal.origin} does not know the client id "${clientId}".`,
        'Copy it from the settings of the item that you have registered the app with.',
      ),
    ];
  if (answer.status >= 400)
    return [
      fault(
        `${portal.href} answers ${answer.status} at its authorization endpoint.`,
        'Give the root address of the portal, such as https://gis.example.org/portal, or https://www.arcgis.com.',
      ),
    ];
  return [ok(`${portal.origin} accepts the client id with ${redirectUri.href}.`)];

  function notRegistered(): Finding {
    return fault(
      `${redirectUri?.href} is not registered with the client id "${clientId}".`,
      'Add this address, letter by letter, to the redirect URIs of the app in the portal.',
    );
  }
}
