/**
 * Stands in the bundle for the packages that read certificates (see `alias` in wrangler.toml). No attestation that carries any
 * is looked at, so nothing in here is ever asked for; what asked would find nothing, and the passkey would be refused.
 */
module.exports = {};
