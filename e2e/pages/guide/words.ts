import { IdentityManager } from 'identity-worker';

IdentityManager.instance({
  worker: '/worker.js',
  language: 'it',
  texts: { title: 'Accedi a {portal}', signIn: 'Accedi', cancel: 'Annulla' },
});
