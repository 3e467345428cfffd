/** Stands for the page's error messages in worker builds (vite.config.ts). */
import type { ErrorText, PageErrorCode } from './console-error-texts.js';

export const pageErrorTexts: Partial<Record<PageErrorCode, ErrorText>> = {};
