/** Configuration of the axa worker: it sends its token to the data servers. */
// oxlint-disable-next-line no-unused-vars -- the axa worker reads this name
const trustedDomains = { default: { domains: JSON.parse('__TRUSTED__'), showAccessToken: false } };
