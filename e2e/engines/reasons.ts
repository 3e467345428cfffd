/** Beginnings of the reasons for which a test is skipped; the table of `docs/browsers.md` tells them apart. */
export const NOT_INSTALLED = 'not installed';
export const NOT_SUPPORTED = 'not supported by the driver';
