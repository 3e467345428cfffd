/** The accessible sign-in dialog: shown where the browser blocks the window, where the window is lost, or where a code has to be pasted. */
import type { Wording } from './languages.js';
import type { SignInTexts } from './texts.js';
import type { View } from './views.js';

/** What the user does. */
export interface DialogActions {
  /** Open the sign-in window; called in the click. */
  open: () => void;
  /** The user has followed the link to the sign-in page. */
  followLink: () => void;
  cancel: () => void;
  submitCode: (pasted: string) => void;
}

// A constructed sheet: an inline style would need 'unsafe-inline' in the page's Content-Security-Policy.
// Lengths in em of the user's own font size: the page's may be anything.
const css = `
:host { all: initial; color-scheme: light dark; }
dialog { box-sizing: border-box; width: min(26em, calc(100vw - 2em)); max-width: none; max-height: calc(100dvh - 2em); overflow: auto;
  overscroll-behavior: contain; padding: 1.5em; border: 1px solid #8886; border-radius: .75em; color: #1a1d21; background: #fff;
  font: 1em/1.5 system-ui, sans-serif; text-align: start; overflow-wrap: anywhere; box-shadow: 0 .75em 2.5em #0005; }
dialog::backdrop { background: #0009; }
h2 { margin: 0 0 .4em; font-size: 1.25em; line-height: 1.3; }
p { margin: 0 0 1.25em; }
p:empty, [hidden] { display: none; }
[role=alert] { padding-inline-start: .75em; border-inline-start: .25em solid #b3261e; }
label { display: block; margin-bottom: .25em; font-weight: 600; }
input { box-sizing: border-box; width: 100%; min-height: 44px; margin-bottom: 1.25em; padding: .5em .75em; border: 1px solid #6b7280;
  border-radius: .5em; color: inherit; background: inherit; font: inherit; direction: ltr; }
input:read-only, [aria-disabled=true] { opacity: .7; cursor: default; }
form div { display: flex; flex-wrap: wrap; gap: .75em; justify-content: flex-end; }
button, a { box-sizing: border-box; min-width: 44px; min-height: 44px; padding: .55em 1.1em; border: 1px solid #6b7280; border-radius: .5em;
  color: inherit; background: none; font: inherit; text-align: center; text-decoration: none; cursor: pointer; }
.main { border-color: #0b5cad; color: #fff; background: #0b5cad; font-weight: 600; }
:focus-visible { outline: 3px solid #2f80d8; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
  dialog { color: #eceff3; background: #1e2329; }
  [role=alert] { border-color: #ffb4ab; }
  .main { border-color: #8cc4ff; color: #08243f; background: #8cc4ff; }
  :focus-visible { outline-color: #8cc4ff; }
}
@media (max-width: 26em) { dialog { padding: 1em; } form div > * { flex: 1 1 100%; } }
@media (forced-colors: active) { .main { border-width: 3px; color: ButtonText; background: ButtonFace; } a.main { color: LinkText; background: Canvas; } }
@media (prefers-reduced-motion: no-preference) { dialog { animation: appear .15s ease-out; } @keyframes appear { from { opacity: 0; } } }
`;

/** One dialog for the sign-in to one portal. */
export class DialogElement {
  readonly #host = document.createElement('identity-worker-dialog');
  readonly #dialog = element('dialog');
  readonly #text = element('p');
  readonly #alert = element('p');
  readonly #label = element('label');
  readonly #field = element('input');
  readonly #cancel = element('button');
  readonly #open = element('button');
  readonly #link = element('a');
  readonly #submit = element('button');
  #main: View['main'] | undefined;
  #isOver = false;

  constructor(
    private readonly portal: string,
    private readonly wording: Wording,
    actions: DialogActions,
  ) {
    const root = this.#host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];

    const title = element('h2');
    title.id = 'title';
    this.#say(title, 'title');
    this.#dialog.lang = wording.lang;
    this.#dialog.dir = wording.dir;
    this.#dialog.setAttribute('aria-labelledby', 'title');
    this.#dialog.setAttribute('aria-describedby', 'text alert');
    this.#text.id = 'text';
    this.#text.setAttribute('aria-live', 'polite');
    this.#alert.id = 'alert';
    this.#alert.setAttribute('role', 'alert');
    this.#field.id = 'code';
    this.#field.autocomplete = 'off';
    this.#field.autocapitalize = 'off';
    this.#field.spellcheck = false;
    this.#field.setAttribute('aria-describedby', 'alert');
    this.#label.htmlFor = 'code';
    this.#say(this.#label, 'codeLabel');
    this.#say(this.#cancel, 'cancel');
    this.#say(this.#link, 'openTab');
    this.#say(this.#submit, 'submitCode');
    this.#link.target = '_blank';
    // So that the callback page may close the tab.
    this.#link.rel = 'opener';

    const form = element('form');
    const buttons = element('div');
    for (const button of [this.#cancel, this.#open]) button.type = 'button';
    buttons.append(this.#cancel, this.#open, this.#link, this.#submit);
    form.append(this.#label, this.#field, buttons);
    this.#dialog.append(title, this.#text, this.#alert, form);
    root.append(this.#dialog);

    this.#open.addEventListener('click', actions.open);
    this.#link.addEventListener('click', actions.followLink);
    this.#cancel.addEventListener('click', actions.cancel);
    // Escape and the browser's own ways of closing.
    this.#dialog.addEventListener('close', () => {
      if (!this.#isOver) actions.cancel();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (!this.#field.readOnly && !this.#field.hidden) actions.submitCode(this.#field.value);
    });
  }

  /** Shows the dialog, or what it says now. The browser keeps the focus inside and returns it at the end. */
  show({ text, alert, main, open, link, field }: View): void {
    if (this.#isOver) return;
    this.#say(this.#text, text);
    this.#say(this.#alert, alert);
    this.#say(this.#open, open);
    this.#link.hidden = link === undefined;
    if (link !== undefined) this.#link.href = link;
    const isBusy = field === 'busy';
    for (const part of [this.#label, this.#field, this.#submit]) part.hidden = field === undefined;
    if (field === 'empty') this.#field.value = '';
    this.#field.readOnly = isBusy;
    this.#submit.setAttribute('aria-disabled', String(isBusy));
    const mainParts = { open: this.#open, link: this.#link, code: this.#submit };
    for (const part of [this.#open, this.#link, this.#submit])
      part.className = part === mainParts[main] ? 'main' : '';
    if (!this.#host.isConnected) {
      document.body.append(this.#host);
      this.#dialog.showModal();
    } else if (this.#main === main && alert === undefined) return;
    this.#main = main;
    if (main === 'code') this.#field.select();
    else mainParts[main].focus();
  }

  /** Gives the focus back to the element that had it. */
  close(): void {
    this.#isOver = true;
    this.#dialog.close();
    this.#host.remove();
  }

  /** The portal's name is text whatever is in it, and stands in a direction of its own. */
  #say(part: HTMLElement, text: keyof SignInTexts | undefined): void {
    const words = text === undefined ? [] : this.wording.texts[text].split('{portal}');
    const said = words.flatMap((word, index) => (index === 0 ? [word] : [element('bdi', this.portal), word]));
    const spoken = said.map((piece) => (typeof piece === 'string' ? piece : piece.textContent)).join('');
    // What is said already is not read out again.
    if (spoken !== part.textContent || spoken === '') part.replaceChildren(...said);
  }
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
