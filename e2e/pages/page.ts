/** The page of the test app: an ordinary app that starts the IdentityManager and knows nothing of tokens. */
import * as library from 'identity-worker';

const { IdentityManager, isIdentityError } = library;

const options = new URL(location.href).searchParams;
const scope = options.get('scope');
window.identity = IdentityManager.instance({
  worker: options.get('worker') ?? '/worker.js',
  ...(scope === null ? {} : { scope }),
  ...(options.get('type') === 'module' ? { type: 'module' } : {}),
  ...(options.has('login') ? { login: options.get('login') as 'none' | 'redirect' } : {}),
  ...(options.has('language') ? { language: options.get('language') ?? '' } : {}),
  ...(options.has('texts')
    ? { texts: JSON.parse(options.get('texts') ?? '') as Record<string, string> }
    : {}),
});
window.isIdentityError = isIdentityError;
window.library = library;
// A page that is long only once its data have come.
if (options.has('long')) requestAnimationFrame(() => (document.body.style.minHeight = '5000px'));

const button = document.querySelector('#sign-in');
button?.addEventListener('click', () => {
  const status = document.querySelector('#status');
  window.identity.signIn().then(
    ({ username }) => status?.replaceChildren(`signed in as ${username}`),
    (error: unknown) => status?.replaceChildren(isIdentityError(error) ? error.code : String(error)),
  );
});
