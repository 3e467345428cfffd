/** What the checks of the doctor share. */
import { NoAnswer, type Answer } from './http.js';
import type { Setup } from './setup.js';

/** What has been loaded. */
export interface Site {
  readonly page: Answer;
  readonly setup: Setup;
  /** `name=value` of the cookie that identifies the browser to a sealing server; empty where there is none. */
  readonly cookie: string;
}

/** Addresses that browsers trust without https. */
export const isLoopback = ({ hostname }: URL): boolean =>
  /^(?:localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);

/** An address without its query, which may hold what a report should not. */
export const shown = ({ origin, pathname }: URL): string => origin + pathname;

/** An answer, or why there is none. */
export async function tried(act: () => Promise<Answer>): Promise<Answer | NoAnswer> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof NoAnswer) return error;
    throw error;
  }
}
