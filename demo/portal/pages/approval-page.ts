// The page with the code of the oob flow: in the title for native apps, in a field for users.

import { escapeHtml, layout } from './layout.js';

export function approvalPage(code: string): string {
  return layout({
    title: `SUCCESS code=${code}`,
    main: `<h1>You are signed in</h1>
<p>Copy this code into the application that asked for it. It works once, for two minutes.</p>
<label for="code">Authorization code</label>
<input type="text" id="code" value="${escapeHtml(code)}" readonly autofocus>`,
  });
}

export function denialPage(): string {
  return layout({
    title: 'Denied error=access_denied',
    main: `<h1>Sign-in was cancelled</h1>
<p>The application got no access. You can close this window.</p>`,
  });
}
