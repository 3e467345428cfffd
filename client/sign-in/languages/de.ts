/** German. */
import type { SignInTexts } from '../texts.js';

const texts: SignInTexts = {
  title: 'Bei {portal} anmelden',
  ask: 'Diese Seite zeigt geschützte Inhalte von {portal}. Zum Anmelden öffnet sich ein eigenes Fenster.',
  askLeave:
    'Diese Seite zeigt geschützte Inhalte von {portal}. Zum Anmelden wechseln Sie zu {portal} und kommen danach hierher zurück.',
  expired: 'Ihre Sitzung bei {portal} ist abgelaufen. Melden Sie sich bitte erneut an, um weiterzuarbeiten.',
  waiting:
    'Schließen Sie die Anmeldung bei {portal} im anderen Fenster ab. Hier geht es danach von selbst weiter.',
  blocked:
    'Der Browser hat das Fenster nicht geöffnet. Öffnen Sie die Anmeldeseite in einem neuen Tab, oder erlauben Sie dieser Website Pop-up-Fenster und melden Sie sich erneut an.',
  outOfBand:
    'Melden Sie sich im neuen Fenster bei {portal} an, kopieren Sie den angezeigten Code und fügen Sie ihn hier ein.',
  checking: 'Der Code wird geprüft …',
  codeLabel: 'Code',
  codeUnclear:
    'In diesem Text ist kein Code. Kopieren Sie bitte den ganzen Code von der Anmeldeseite und fügen Sie ihn hier ein.',
  codeRefused:
    '{portal} hat diesen Code nicht angenommen. Melden Sie sich bitte erneut an, um einen neuen zu erhalten.',
  unreachable: '{portal} ist zurzeit nicht erreichbar. Bitte versuchen Sie es in Kürze noch einmal.',
  refused:
    '{portal} hat die Anmeldung für diese Anwendung nicht zugelassen. Versuchen Sie es bitte noch einmal, oder wenden Sie sich an die Betreiber dieser Seite.',
  notTaken: '{portal} hat nicht angenommen, was gesendet wurde.',
  interrupted: 'Die Anmeldung bei {portal} wurde unterbrochen. Bitte versuchen Sie es noch einmal.',
  cancelled: 'Die Anmeldung bei {portal} wurde abgebrochen.',
  unavailable: 'Die Anmeldung funktioniert hier zurzeit nicht. Bitte laden Sie die Seite neu.',
  signedIn: 'Bei {portal} angemeldet',
  signIn: 'Anmelden',
  signInAgain: 'Erneut anmelden',
  openAgain: 'Fenster erneut öffnen',
  openTab: 'In neuem Tab öffnen',
  submitCode: 'Weiter',
  cancel: 'Abbrechen',
};
export default texts;
