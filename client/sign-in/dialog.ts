/** A dialog that is made once its words are there: until then, the last view counts. */
import { DialogElement, type DialogActions, type View } from './dialog-element.js';
import type { Wording } from './languages.js';

/** Shown from its first view on, until it is closed; never opens after that. */
export class SignInDialog {
  #view: View | undefined;
  #dialog: DialogElement | undefined;
  #isClosed = false;

  constructor(
    private readonly portalName: string,
    private readonly wording: () => Promise<Wording>,
    private readonly actions: DialogActions,
  ) {}

  /** What was last shown; `undefined` where nothing was. */
  get view(): View | undefined {
    return this.#view;
  }

  show(view: View): void {
    const isFirst = !this.#view;
    this.#view = view;
    if (this.#dialog) this.#dialog.show(view);
    else if (isFirst) void this.#open();
  }

  close(): void {
    this.#isClosed = true;
    this.#dialog?.close();
  }

  async #open(): Promise<void> {
    const wording = await this.wording();
    if (this.#isClosed || !this.#view) return;
    this.#dialog = new DialogElement(this.portalName, wording, this.actions);
    this.#dialog.show(this.#view);
  }
}
