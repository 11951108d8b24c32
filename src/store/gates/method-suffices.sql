-- Whether a client authenticates at least as strongly as before. A public client that has since got a key or a secret
-- may switch to it: ChatGPT did so while people were connected. It can't switch back, or a thief of its tokens would
-- need no key.
create or replace function method_suffices_1(p_before text, p_method text) returns boolean
language sql immutable
as $$
  select p_before = 'none' or p_before = p_method
    or (starts_with(p_before, 'client_secret_') and starts_with(p_method, 'client_secret_'))
$$;
