/** The look of `<identity-account>`. Pages change it by custom properties and by `::part()`. */
const css = `
:host { --color: var(--identity-account-color, #1a1d21); --background: var(--identity-account-background, #fff);
  --accent: var(--identity-account-accent, #0b5cad); --on-accent: var(--identity-account-on-accent, #fff);
  --border: var(--identity-account-border, #6b7280); --alert: var(--identity-account-alert, #b3261e); --radius: var(--identity-account-radius, .5em);
  display: inline-block; position: relative; color: var(--color); color-scheme: light dark;
  font: var(--identity-account-font, 1rem/1.5 system-ui, sans-serif); text-align: start; }
:host([hidden]), [hidden] { display: none !important; }
button { box-sizing: border-box; min-width: 44px; min-height: 44px; padding: .4em 1em; border: 1px solid var(--border); border-radius: var(--radius);
  color: inherit; background: var(--background); font: inherit; cursor: pointer; }
button[aria-disabled=true] { opacity: .7; cursor: default; }
.sign-in { border-color: var(--accent); color: var(--on-accent); background: var(--accent); font-weight: 600; }
.main { display: inline-flex; align-items: center; gap: .5em; max-width: 100%; }
.main bdi { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; max-width: 16em; }
.avatar { display: inline-grid; place-items: center; flex: none; width: 1.75em; height: 1.75em; border-radius: 50%; color: var(--on-accent); background: var(--accent);
  font-weight: 600; }
.panel { box-sizing: border-box; position: absolute; z-index: 1; inset-block-start: calc(100% + .25em); inset-inline-end: 0; width: max-content;
  max-width: min(24em, calc(100vw - 2em)); padding: .25em 1em; border: 1px solid var(--border); border-radius: var(--radius);
  background: var(--background); overflow-wrap: anywhere; box-shadow: 0 .5em 1.5em #0004; }
.panel.from-start { inset-inline: 0 auto; }
ul { margin: 0; padding: 0; list-style: none; }
li { padding: .75em 0; }
li + li { border-block-start: 1px solid var(--border); }
li > bdi { display: block; font-weight: 600; }
li div { display: flex; flex-wrap: wrap; gap: .5em; margin-block-start: .5em; }
p { margin: .25em 0 0; font-size: .875em; overflow-wrap: anywhere; }
p:empty { margin: 0; }
[role=alert] { color: var(--alert); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  :host { --color: var(--identity-account-color, #eceff3); --background: var(--identity-account-background, #1e2329);
    --accent: var(--identity-account-accent, #8cc4ff); --on-accent: var(--identity-account-on-accent, #08243f);
    --border: var(--identity-account-border, #8b93a0); --alert: var(--identity-account-alert, #ffb4ab); }
}
@media (forced-colors: active) { .sign-in { border-width: 3px; color: ButtonText; background: ButtonFace; } .avatar { border: 1px solid; } }
`;

/** A constructed sheet: an inline style would need 'unsafe-inline' in the page's Content-Security-Policy. */
export function accountStyle(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}
