/** The sign-in dialog: shown once its texts are loaded; until then, the last view counts. */
import { DialogElement, type DialogActions } from './dialog-element.js';
import type { Wording } from './languages.js';
import type { View } from './views.js';

/** Shown from its first view on, until it is closed; never opens after that. */
export class SignInDialog {
  #view: View | undefined;
  #element: DialogElement | undefined;
  #isClosed = false;

  constructor(
    private readonly portalName: string,
    private readonly wording: () => Promise<Wording>,
    private readonly actions: DialogActions,
  ) {}

  /** Whether it is shown, or about to be. */
  get isVisible(): boolean {
    return this.#view !== undefined;
  }

  show(view: View): void {
    const isFirst = !this.#view;
    this.#view = view;
    if (this.#element) this.#element.show(view);
    else if (isFirst) void this.#open();
  }

  close(): void {
    this.#isClosed = true;
    this.#element?.close();
  }

  async #open(): Promise<void> {
    const wording = await this.wording();
    if (this.#isClosed || !this.#view) return;
    this.#element = new DialogElement(this.portalName, wording, this.actions);
    this.#element.show(this.#view);
  }
}
