/** Spanish. */
import type { SignInTexts } from '../texts.js';

const texts: SignInTexts = {
  title: 'Iniciar sesión en {portal}',
  ask: 'Esta página muestra contenido protegido de {portal}. El inicio de sesión se abre en otra ventana.',
  askLeave:
    'Esta página muestra contenido protegido de {portal}. Para iniciar sesión irá a {portal} y después volverá aquí.',
  expired: 'Su sesión en {portal} ha terminado. Vuelva a iniciar sesión para continuar.',
  waiting:
    'Termine de iniciar sesión en {portal} en la otra ventana. Esta página continuará automáticamente.',
  blocked:
    'El navegador no permitió abrir la ventana. Abra la página de inicio de sesión en una pestaña nueva, o permita las ventanas emergentes de este sitio y vuelva a iniciar sesión.',
  outOfBand:
    'Inicie sesión en {portal} en la ventana que se abre, copie el código que aparece y péguelo aquí.',
  checking: 'Comprobando el código…',
  codeLabel: 'Código',
  codeUnclear:
    'Este texto no contiene ningún código. Copie el código completo de la página de inicio de sesión y péguelo aquí.',
  codeRefused: '{portal} no ha aceptado este código. Vuelva a iniciar sesión para obtener uno nuevo.',
  unreachable:
    'No se puede establecer conexión con {portal} en este momento. Inténtelo de nuevo dentro de un rato.',
  refused:
    '{portal} no ha permitido iniciar sesión en esta aplicación. Inténtelo de nuevo o consulte a los responsables de esta página.',
  notTaken: '{portal} no ha aceptado lo que se ha enviado.',
  interrupted: 'El inicio de sesión en {portal} se ha interrumpido. Inténtelo de nuevo.',
  cancelled: 'Se ha cancelado el inicio de sesión en {portal}.',
  unavailable: 'En este momento no es posible iniciar sesión aquí. Vuelva a cargar la página.',
  signedIn: 'Sesión iniciada en {portal}',
  signIn: 'Iniciar sesión',
  signInAgain: 'Volver a iniciar sesión',
  openAgain: 'Volver a abrir la ventana',
  openTab: 'Abrir en una pestaña nueva',
  submitCode: 'Continuar',
  cancel: 'Cancelar',
};
export default texts;
