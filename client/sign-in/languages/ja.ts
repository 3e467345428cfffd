/** Japanese. */
import type { SignInTexts } from '../texts.js';

const texts: SignInTexts = {
  title: '{portal} にサインイン',
  ask: 'このページには {portal} の保護されたコンテンツが含まれています。サインイン画面は別のウィンドウで開きます。',
  askLeave:
    'このページには {portal} の保護されたコンテンツが含まれています。サインインすると {portal} に移動し、終わるとこのページに戻ります。',
  expired: '{portal} のセッションが終了しました。続けるには、もう一度サインインしてください。',
  waiting:
    '別のウィンドウで {portal} へのサインインを完了してください。完了すると、このページは自動的に続行します。',
  blocked:
    'ブラウザーがウィンドウを開けませんでした。サインイン ページを新しいタブで開くか、このサイトのポップアップを許可してから、もう一度サインインしてください。',
  outOfBand:
    '開いたウィンドウで {portal} にサインインし、表示されたコードをコピーして、ここに貼り付けてください。',
  checking: 'コードを確認しています…',
  codeLabel: 'コード',
  codeUnclear:
    '入力された文字列にコードが見つかりません。サインイン ページに表示されたコード全体をコピーして、ここに貼り付けてください。',
  codeRefused:
    'このコードは {portal} で受け付けられませんでした。もう一度サインインして、新しいコードを取得してください。',
  unreachable: '現在 {portal} に接続できません。しばらくしてから、もう一度お試しください。',
  refused:
    '{portal} は、このアプリへのサインインを許可しませんでした。もう一度お試しいただくか、このページの管理者にお問い合わせください。',
  notTaken: '{portal} は、送信された内容を受け付けませんでした。',
  interrupted: '{portal} へのサインインが中断されました。もう一度お試しください。',
  cancelled: '{portal} へのサインインはキャンセルされました。',
  unavailable: '現在ここではサインインできません。ページを再読み込みしてください。',
  signedIn: '{portal} にサインインしました',
  signIn: 'サインイン',
  signInAgain: 'もう一度サインイン',
  openAgain: 'ウィンドウをもう一度開く',
  openTab: '新しいタブで開く',
  submitCode: '続行',
  cancel: 'キャンセル',
};
export default texts;
