// Lifetimes of tokens, within the organisation's limit.

import type { Switches } from '../switches.js';

const minutesPerFortnight = 20_160;
/** Longest refresh token: 90 days. */
const longestRefreshMinutes = 129_600;
/** Longest token of generateToken: 15 days. */
const longestGeneratedMinutes = 21_600;

export function accessLifetimeS(switches: Switches): number {
  return Math.min(switches.accessTokenLifetimeS, capped(minutesPerFortnight, switches) * 60);
}

/** @param askedMinutes - The `expiration` of the authorization request; -1: as long as the organisation allows. */
export function refreshLifetimeS(switches: Switches, askedMinutes: number | undefined): number {
  if (switches.refreshTokenLifetimeS !== null) return switches.refreshTokenLifetimeS;
  const asked = askedMinutes ?? minutesPerFortnight;
  const granted = asked <= 0 ? longestRefreshMinutes : Math.min(asked, longestRefreshMinutes);
  return capped(granted, switches) * 60;
}

/** @param askedMinutes - The `expiration` of generateToken or of a client_credentials grant. */
export function generatedLifetimeS(
  switches: Switches,
  askedMinutes: number | undefined,
  defaultMinutes: number,
): number {
  const asked = askedMinutes === undefined || askedMinutes <= 0 ? defaultMinutes : askedMinutes;
  return capped(Math.min(asked, longestGeneratedMinutes), switches) * 60;
}

/** Reads a parameter in minutes; undefined if absent or no number. */
export function parseMinutes(text: string | null): number | undefined {
  const value = Number(text ?? Number.NaN);
  return text === null || text === '' || !Number.isFinite(value) ? undefined : value;
}

function capped(value: number, { maxTokenExpirationMinutes }: Switches): number {
  return maxTokenExpirationMinutes < 0 ? value : Math.min(value, maxTokenExpirationMinutes);
}
