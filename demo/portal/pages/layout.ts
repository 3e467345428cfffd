// Layout, colours and escaping of all pages.

/** Escapes text from requests. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export type PageStyle = 'light' | 'dark' | undefined;

export interface Layout {
  /** Plain text. */
  readonly title: string;
  /** Trusted markup: the caller has escaped all text in it. */
  readonly main: string;
  readonly style?: PageStyle;
}

export function layout({ title, main, style }: Layout): string {
  return `<!doctype html>
<html lang="en"${style === undefined ? '' : ` data-style="${style}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${style ?? 'light dark'}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${css}</style>
</head>
<body>
<main>
${main}
</main>
</body>
</html>
`;
}

/** A page with an error that ends the flow. */
export function refusalPage(heading: string, explanation: string): string {
  return layout({
    title: heading,
    main: `<h1>${escapeHtml(heading)}</h1>\n<p>${escapeHtml(explanation)}</p>`,
  });
}

const darkColours = `--page: #10171d; --card: #1a242c; --ink: #eef3f6; --soft: #a9b8c2; --line: #5b6d79;
  --accent: #6cc0f5; --on-accent: #06202f; --hint: #22303a; --alarm: #ffb4a8; --alarm-ground: #4a1710;`;

const css = `
:root {
  --page: #e9eff3; --card: #ffffff; --ink: #17222a; --soft: #4c5c67; --line: #7b8b96;
  --accent: #00619b; --on-accent: #ffffff; --hint: #f1f6f9; --alarm: #8c1d0f; --alarm-ground: #fdecea;
}
@media (prefers-color-scheme: dark) { :root:not([data-style="light"]) { ${darkColours} } }
:root[data-style="dark"] { ${darkColours} }
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--page); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%; max-width: 25rem; padding: clamp(1.25rem, 5vw, 2.25rem); background: var(--card);
  border-radius: .75rem; box-shadow: 0 .5rem 2rem rgb(0 0 0 / .12);
}
.mark { display: block; width: 2.75rem; height: 2.75rem; margin-bottom: 1rem; color: var(--accent); }
h1 { margin: 0 0 .25rem; font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0 0 1.25rem; color: var(--soft); overflow-wrap: anywhere; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input[type="text"], input[type="password"] {
  width: 100%; margin-bottom: 1rem; padding: .6rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .4rem;
}
input[readonly] { font-family: ui-monospace, monospace; background: var(--hint); }
.choice { display: flex; gap: .5rem; align-items: center; margin-bottom: 1.25rem; font-weight: 400; }
.choice input { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
button {
  flex: 1 1 8rem; padding: .65rem 1rem; font: inherit; font-weight: 600; cursor: pointer; border-radius: .4rem;
  border: 1px solid var(--accent); background: transparent; color: var(--accent);
}
button.primary { background: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[role="alert"] {
  margin: 0 0 1rem; padding: .75rem 1rem; border-radius: .4rem; color: var(--alarm);
  background: var(--alarm-ground); border-left: .25rem solid currentColor;
}
aside { margin-top: 1.5rem; padding: .75rem 1rem; border-radius: .4rem; background: var(--hint); font-size: .9rem; }
aside p { margin: 0 0 .25rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem .75rem; margin: 0; }
dd { margin: 0; }
code { font-family: ui-monospace, monospace; }
ul { padding-left: 1.2rem; }
a { color: var(--accent); }
`;
