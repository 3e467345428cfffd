/** What is to be done in a project. */
import { readText, type Change } from './files.js';
import type { Registration } from './registration.js';

/** Something that is shown, and left to the user. */
export interface ByHand {
  readonly path: string;
  readonly why: string;
  readonly lines: readonly string[];
}

/** The installed package: what `init` takes from it. */
export interface OwnPackage {
  readonly version: string;
  /** Folder with the ready files. */
  readonly dist: string;
}

/** Changes of one folder, as they are collected. */
export class Plan {
  readonly folder: string;
  readonly own: OwnPackage;
  /** Asked for when it is needed: not where everything is there. */
  readonly registration: () => Registration;
  readonly byHand: ByHand[] = [];
  /** What the user does after it. */
  readonly next: string[] = [];
  readonly #changes: Change[] = [];

  constructor(folder: string, own: OwnPackage, registration: () => Registration) {
    this.folder = folder;
    this.own = own;
    this.registration = registration;
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** @throws ProjectError */
  read(path: string): string | undefined {
    return readText(this.folder, path);
  }

  write(path: string, after: string): void {
    const before = this.read(path);
    if (before !== after) this.#changes.push({ path, before, after });
  }
}
