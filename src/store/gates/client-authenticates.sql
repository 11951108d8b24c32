-- Whether what a client sent authenticates it (RFC 6749 §2.3). A client without a secret isn't public by that alone, so
-- `none` and keys have to be declared. A secret may come in the header or the body, because widely used libraries know
-- only one of the two.
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
