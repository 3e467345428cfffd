// The sign-in form, the same for the portal and for the generic OAuth server.

import type { User } from '../accounts.js';
import { escapeHtml, layout, type PageStyle } from './layout.js';

export interface SignInPage {
  /** Name of the organisation. */
  readonly organisation: string;
  /** URL that the form is sent to. */
  readonly action: string;
  readonly clientId: string;
  /** Host of the application that gets the code. */
  readonly recipient: string;
  /** Handle of the authorization request. */
  readonly oauthState: string;
  readonly username: string;
  /** Shown with their passwords. */
  readonly users: readonly User[];
  readonly style?: PageStyle;
  readonly error?: string;
}

export function signInPage(form: SignInPage): string {
  const hasName = form.username !== '';
  const invalid = form.error === undefined ? '' : ' aria-invalid="true" aria-describedby="refusal"';
  const main = `<svg class="mark" viewBox="0 0 44 44" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3">
<circle cx="22" cy="22" r="19"/><ellipse cx="22" cy="22" rx="8" ry="19"/><path d="M4 16h36M4 28h36"/></svg>
<h1>Sign in to ${escapeHtml(form.organisation)}</h1>
<p><strong>${escapeHtml(form.clientId)}</strong> (${escapeHtml(form.recipient)}) asks for access to your maps and layers.</p>
${form.error === undefined ? '' : `<div role="alert" id="refusal">${escapeHtml(form.error)}</div>`}
<form method="post" action="${escapeHtml(form.action)}">
<input type="hidden" name="oauth_state" value="${escapeHtml(form.oauthState)}">
<input type="hidden" name="user_orgkey" value="">
<label for="username">Username</label>
<input type="text" id="username" name="username" value="${escapeHtml(form.username)}" autocomplete="username" autocapitalize="none" spellcheck="false" required${hasName ? '' : ' autofocus'}${invalid}>
<label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" required${hasName ? ' autofocus' : ''}${invalid}>
<label class="choice"><input type="checkbox" name="persist" value="true">Keep me signed in</label>
<div class="buttons">
<button class="primary" type="submit">Sign in</button>
<button type="submit" name="cancel" value="true" formnovalidate>Cancel</button>
</div>
</form>
<aside aria-label="Demo accounts">
<p>This is a test portal. Sign in as:</p>
<dl>${form.users.map(({ username, password }) => `<dt>${escapeHtml(username)}</dt><dd><code>${escapeHtml(password)}</code></dd>`).join('')}</dl>
</aside>`;
  return layout({ title: `Sign in to ${form.organisation}`, main, style: form.style });
}
