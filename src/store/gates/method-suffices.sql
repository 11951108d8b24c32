-- Whether a client authenticates with no less than it did before. A public client that has got a key or a secret since may go on with
-- that: ChatGPT changed from one to the other while people were connected. The other way round, who stole a token needs no key.
create or replace function method_suffices_1(p_before text, p_method text) returns boolean
language sql immutable
as $$
  select p_before = 'none' or p_before = p_method
    or (starts_with(p_before, 'client_secret_') and starts_with(p_method, 'client_secret_'))
$$;
