-- Whether a client is authenticated by what it sent (RFC 6749 §2.3). A client without a secret is not thereby public, so `none` and
-- keys have to be declared. A secret is a secret, in the header and in the body: widely used libraries know one way only.
create or replace function client_authenticates_1(
  p_methods text[], p_stored_secret bytea, p_method text, p_secret bytea, p_assertion_is_fresh boolean)
returns boolean
language sql immutable
as $$
  select case p_method
    when 'none' then p_stored_secret is null and 'none' = any(p_methods)
    when 'private_key_jwt' then p_stored_secret is null and 'private_key_jwt' = any(p_methods) and p_assertion_is_fresh
    else p_stored_secret = p_secret
  end
$$;
