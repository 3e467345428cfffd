/** What `<identity-account>` says, in the languages of the sign-in dialog. */

/** Texts of the element; replaceable one by one. */
export interface AccountTexts {
  /** Name of the list of portals, for screen readers. */
  account: string;
  signIn: string;
  signOut: string;
  otherAccount: string;
  /** Where the portal does not name the user. */
  signedIn: string;
  signedOut: string;
  /** Requests wait; their number follows in parentheses. */
  waiting: string;
  /** Another tab of the site has the sign-in. */
  elsewhere: string;
  offline: string;
}

/** By primary language tag. */
export const accountTexts: Readonly<Record<string, AccountTexts>> & { readonly en: AccountTexts } = {
  en: {
    account: 'Account',
    signIn: 'Sign in',
    signOut: 'Sign out',
    otherAccount: 'Use another account',
    signedIn: 'Signed in',
    signedOut: 'Not signed in',
    waiting: 'Waiting for the sign-in',
    elsewhere: 'The sign-in is open in another tab',
    offline: 'Offline',
  },
  ar: {
    account: 'الحساب',
    signIn: 'تسجيل الدخول',
    signOut: 'تسجيل الخروج',
    otherAccount: 'استخدام حساب آخر',
    signedIn: 'تم تسجيل الدخول',
    signedOut: 'لم يتم تسجيل الدخول',
    waiting: 'في انتظار تسجيل الدخول',
    elsewhere: 'تسجيل الدخول مفتوح في علامة تبويب أخرى',
    offline: 'غير متصل بالشبكة',
  },
  de: {
    account: 'Konto',
    signIn: 'Anmelden',
    signOut: 'Abmelden',
    otherAccount: 'Anderes Konto verwenden',
    signedIn: 'Angemeldet',
    signedOut: 'Nicht angemeldet',
    waiting: 'Wartet auf die Anmeldung',
    elsewhere: 'Die Anmeldung ist in einem anderen Tab offen',
    offline: 'Offline',
  },
  es: {
    account: 'Cuenta',
    signIn: 'Iniciar sesión',
    signOut: 'Cerrar sesión',
    otherAccount: 'Usar otra cuenta',
    signedIn: 'Sesión iniciada',
    signedOut: 'Sesión no iniciada',
    waiting: 'A la espera del inicio de sesión',
    elsewhere: 'El inicio de sesión está abierto en otra pestaña',
    offline: 'Sin conexión',
  },
  fr: {
    account: 'Compte',
    signIn: 'Se connecter',
    signOut: 'Se déconnecter',
    otherAccount: 'Utiliser un autre compte',
    signedIn: 'Connecté',
    signedOut: 'Non connecté',
    waiting: 'En attente de la connexion',
    elsewhere: 'La connexion est ouverte dans un autre onglet',
    offline: 'Hors ligne',
  },
  ja: {
    account: 'アカウント',
    signIn: 'サインイン',
    signOut: 'サインアウト',
    otherAccount: '別のアカウントを使用',
    signedIn: 'サインイン済み',
    signedOut: '未サインイン',
    waiting: 'サインインを待っています',
    elsewhere: '別のタブでサインイン中です',
    offline: 'オフライン',
  },
};
