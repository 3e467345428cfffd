// The script of a site without a build. Only the two buttons have to do with signing in.
const byId = (id) => document.getElementById(id);
const [status, count, picture, signIn, signOut] = ['status', 'count', 'picture', 'sign-in', 'sign-out'].map(
  byId,
);

async function showCount() {
  const response = await fetch(`${count.dataset.layer}/query?where=1=1&returnCountOnly=true&f=json`);
  const result = await response.json();
  count.textContent = result.count ?? '–';
}

function start(identity) {
  let shownFor;
  const show = () => {
    const user = identity.credentials[0]?.username;
    status.textContent = user ? `Signed in as ${user}.` : 'Not signed in.';
    signIn.hidden = Boolean(user);
    signOut.hidden = !user;
    if (user === shownFor) return;
    shownFor = user;
    if (user) {
      void showCount();
      picture.src = picture.dataset.src ?? picture.src;
    } else {
      count.textContent = '–';
      picture.dataset.src = picture.src;
      picture.removeAttribute('src');
    }
  };
  identity.addEventListener('credentials-changed', show);
  signIn.addEventListener('click', () =>
    identity.signIn().catch(() => (status.textContent = 'The sign-in was not finished.')),
  );
  signOut.addEventListener('click', () => identity.signOut());
  show();
  // Also without a user: the request itself starts the sign-in.
  if (!shownFor) void showCount();
}

// The script tag runs before this script: it has set `identity`, or has failed.
if (window.identity) {
  window.identity.ready.then(
    () => start(window.identity),
    (error) => (status.textContent = error.message),
  );
} else status.textContent = 'The script tag could not start; the console says why.';
