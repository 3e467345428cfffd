import type { AppAccount } from 'identity-worker/server';

export const account: AppAccount = {
  url: process.env['PORTAL'] ?? 'https://gis.example.org/portal',
  clientId: process.env['APP_CLIENT_ID'] ?? 'my-client-id',
  clientSecret: process.env['APP_CLIENT_SECRET'],
};
