/** What the sign-in dialog says. Replaceable as a whole or in parts. */

/** Texts of the dialog; functions get the portal's name. */
export interface LoginTexts {
  title: (portal: string) => string;
  ask: (portal: string) => string;
  waiting: (portal: string) => string;
  outOfBand: (portal: string) => string;
  codeLabel: string;
  codeRefused: string;
  signIn: string;
  openAgain: string;
  submitCode: string;
  cancel: string;
}

export const english: LoginTexts = {
  title: (portal) => `Sign in to ${portal}`,
  ask: (portal) => `This page shows content that ${portal} protects. Signing in opens a window of its own.`,
  waiting: (portal) => `Finish signing in to ${portal} in the other window. This page goes on by itself.`,
  outOfBand: (portal) =>
    `Sign in to ${portal} in the window that opens, copy the code it shows, and paste it here.`,
  codeLabel: 'Code',
  codeRefused: 'The portal did not take this code. Get a new one and paste the whole of it.',
  signIn: 'Sign in',
  openAgain: 'Open the window again',
  submitCode: 'Continue',
  cancel: 'Cancel',
};
