/** French. */
import type { SignInTexts } from '../texts.js';

const texts: SignInTexts = {
  title: 'Se connecter à {portal}',
  ask: 'Cette page affiche du contenu protégé de {portal}. La connexion s’ouvre dans une autre fenêtre.',
  askLeave:
    'Cette page affiche du contenu protégé de {portal}. Pour vous connecter, vous passez par {portal} et revenez ensuite ici.',
  expired: 'Votre session sur {portal} a pris fin. Reconnectez-vous pour continuer.',
  waiting:
    'Terminez la connexion à {portal} dans l’autre fenêtre. Cette page continuera ensuite automatiquement.',
  blocked:
    'Le navigateur n’a pas autorisé l’ouverture de la fenêtre. Ouvrez la page de connexion dans un nouvel onglet, ou autorisez les fenêtres pop-up pour ce site, puis reconnectez-vous.',
  outOfBand:
    'Connectez-vous à {portal} dans la fenêtre qui s’ouvre, copiez le code affiché, puis collez-le ici.',
  checking: 'Vérification du code…',
  codeLabel: 'Code',
  codeUnclear:
    'Ce texte ne contient pas de code. Copiez le code complet affiché sur la page de connexion et collez-le ici.',
  codeRefused: '{portal} n’a pas accepté ce code. Reconnectez-vous pour en obtenir un nouveau.',
  unreachable: '{portal} est injoignable pour le moment. Veuillez réessayer dans quelques instants.',
  refused:
    '{portal} n’a pas autorisé la connexion à cette application. Veuillez réessayer ou contacter les responsables de cette page.',
  notTaken: '{portal} n’a pas accepté ce qui a été envoyé.',
  interrupted: 'La connexion à {portal} a été interrompue. Veuillez réessayer.',
  cancelled: 'La connexion à {portal} a été annulée.',
  unavailable: 'La connexion n’est pas possible ici pour le moment. Veuillez recharger la page.',
  signedIn: 'Connecté à {portal}',
  signIn: 'Se connecter',
  signInAgain: 'Se reconnecter',
  openAgain: 'Rouvrir la fenêtre',
  openTab: 'Ouvrir dans un nouvel onglet',
  submitCode: 'Continuer',
  cancel: 'Annuler',
};
export default texts;
