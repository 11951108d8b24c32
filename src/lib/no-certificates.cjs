/**
 * Stands in the bundle for the packages that read certificates (see `alias` in wrangler.toml). No attestation that
 * carries any is looked at, so nothing asks for what is missing here. If something did, it would throw, and the passkey
 * would be refused.
 */
module.exports = {};
