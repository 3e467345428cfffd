/** What the generated parts of the documentation are made of: the one place that knows where the code keeps it. */
import { ServerConfigurationError, serverConfigurationErrorCodes } from '../../server/errors.js';
import { refusal, refusalCodes } from '../../server/refusal.js';
import { clientReportMessage, clientReportReasons } from '../../client/inspect-clients.js';
import { english } from '../../client/sign-in/texts.js';
import { errorMessages } from '../../protocol/error-messages.js';
import { addErrorMessages, errorCodes, identityError } from '../../protocol/errors.js';

/** A code with its text; `group` is the class of an error or the status of a response. */
export interface Entry {
  readonly code: string;
  readonly group: string;
  readonly text: string;
}

/** The facts that the examples of messages are made with. */
const exampleFacts = {
  origin: 'https://gis.example.org',
  field: 'url',
  path: '/worker.js',
  scope: '/',
  oauthError: 'invalid_grant',
  status: 404,
  mimeType: 'text/html',
  pageVersion: 2,
  workerVersion: 1,
};

/** The errors of pages and workers. */
export function identityErrors(): readonly Entry[] {
  addErrorMessages(errorMessages);
  return errorCodes.map((code) => {
    const { name, message } = identityError(code, exampleFacts);
    return { code, group: name, text: message };
  });
}

/** The reasons of a client report. */
export const clientReasons = (): readonly Entry[] =>
  clientReportReasons.map((code) => ({
    code,
    group: '',
    text: clientReportMessage(code, exampleFacts.scope),
  }));

/** The errors that the server's functions throw for wrong options. */
export const serverErrors = (): readonly Entry[] =>
  serverConfigurationErrorCodes.map((code) => {
    const { name, message } = new ServerConfigurationError(code);
    return { code, group: name, text: message };
  });

/** The responses of the server in place of a worker's script. */
export const serverRefusals = (): Promise<readonly Entry[]> =>
  Promise.all(
    refusalCodes.map(async (code) => {
      const response = refusal(code);
      return { code, group: String(response.status), text: (await response.text()).trim() };
    }),
  );

/** The texts of the sign-in dialog in English. */
export const dialogTexts = (): readonly Entry[] =>
  Object.entries(english).map(([code, text]) => ({ code, group: '', text: String(text) }));
