/** Configuration of the peer's worker: its own token goes to the bench's servers. */
// oxlint-disable-next-line no-unused-vars -- the peer's worker reads this name
const trustedDomains = { default: { domains: JSON.parse('__TRUSTED__'), showAccessToken: false } };
