/** The accessible sign-in dialog: shown where a window may not open by itself, or where a code has to be pasted. */
import type { LoginTexts } from './texts.js';

/** What the person sees: a question, a wait for the other window, or a field for the code. */
export type DialogMode = 'ask' | 'waiting' | 'code';

/** What the person did. */
export interface DialogActions {
  /** Open the sign-in window; called in the click. */
  open: () => void;
  cancel: () => void;
  submitCode: (code: string) => void;
}

// A constructed sheet: an inline style would need 'unsafe-inline' in the page's Content-Security-Policy.
const css = `
:host { all: initial; }
dialog { box-sizing: border-box; width: min(26rem, calc(100vw - 2rem)); padding: 1.5rem; border: 1px solid #8886; border-radius: 12px;
  color: #1a1d21; background: #fff; font: 1rem/1.5 system-ui, sans-serif; box-shadow: 0 12px 40px #0005; text-align: start; }
dialog::backdrop { background: #0009; }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0 0 1.25rem; }
[role=alert]:empty { display: none; }
[role=alert] { color: #b3261e; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; margin-bottom: 1.25rem; padding: .6rem .75rem; border: 1px solid #6b7280; border-radius: 8px;
  color: inherit; background: inherit; font: inherit; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; justify-content: flex-end; }
button { padding: .6rem 1.1rem; border: 1px solid #6b7280; border-radius: 8px; color: inherit; background: none; font: inherit; cursor: pointer; }
button.main { border-color: #0b5cad; color: #fff; background: #0b5cad; font-weight: 600; }
:focus-visible { outline: 3px solid #4c9be8; outline-offset: 2px; }
[hidden] { display: none !important; }
@media (prefers-color-scheme: dark) {
  dialog { color: #eceff3; background: #1e2329; }
  [role=alert] { color: #ffb4ab; }
  button.main { border-color: #8cc4ff; color: #08243f; background: #8cc4ff; }
}
@media (prefers-reduced-motion: no-preference) { dialog { animation: appear .15s ease-out; } @keyframes appear { from { opacity: 0; } } }
`;

/** One dialog for one challenge. */
export class LoginDialog {
  readonly #host = document.createElement('identity-worker-dialog');
  readonly #dialog = element('dialog');
  readonly #text = element('p');
  readonly #alert = element('p');
  readonly #field = element('input');
  readonly #label = element('label');
  readonly #open = element('button');
  readonly #submit = element('button');

  constructor(
    private readonly portal: string,
    private readonly texts: LoginTexts,
    actions: DialogActions,
  ) {
    const root = this.#host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];

    const title = element('h2', texts.title(portal));
    title.id = 'title';
    this.#text.id = 'text';
    this.#dialog.setAttribute('aria-labelledby', 'title');
    this.#dialog.setAttribute('aria-describedby', 'text');
    this.#alert.setAttribute('role', 'alert');
    this.#field.id = 'code';
    this.#field.autocomplete = 'off';
    this.#field.spellcheck = false;
    this.#label.htmlFor = 'code';
    this.#label.textContent = texts.codeLabel;
    this.#submit.textContent = texts.submitCode;
    this.#submit.className = 'main';
    const cancel = element('button', texts.cancel);

    const form = element('form');
    const buttons = element('div');
    buttons.className = 'actions';
    for (const button of [cancel, this.#open]) button.type = 'button';
    buttons.append(cancel, this.#open, this.#submit);
    form.append(this.#label, this.#field, this.#alert, buttons);
    this.#dialog.append(title, this.#text, form);
    root.append(this.#dialog);

    this.#open.addEventListener('click', actions.open);
    cancel.addEventListener('click', actions.cancel);
    // Escape and the browser's own ways of closing.
    this.#dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      actions.cancel();
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#alert.textContent = '';
      actions.submitCode(this.#field.value);
    });
  }

  /** Shows the dialog, or what it says now. The browser keeps the focus inside and returns it at the end. */
  show(mode: DialogMode): void {
    const isCode = mode === 'code';
    this.#text.textContent = { ask: this.texts.ask, waiting: this.texts.waiting, code: this.texts.outOfBand }[
      mode
    ](this.portal);
    this.#open.textContent = mode === 'waiting' ? this.texts.openAgain : this.texts.signIn;
    for (const part of [this.#label, this.#field, this.#submit]) part.hidden = !isCode;
    this.#open.className = isCode ? '' : 'main';
    if (this.#dialog.open) return;
    document.body.append(this.#host);
    this.#dialog.showModal();
    this.#open.focus();
  }

  /** Says that the code was not taken. */
  refuseCode(): void {
    this.#alert.textContent = this.texts.codeRefused;
    this.#field.select();
  }

  close(): void {
    this.#dialog.close();
    this.#host.remove();
  }
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, text = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
