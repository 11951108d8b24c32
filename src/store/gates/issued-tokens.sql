-- A gate's answer about the tokens that it issued. Times leave the database in seconds since 1970.
create or replace function issued_tokens_2(
  p_resource_uri text, p_scopes text[], p_access_expires_at timestamptz, p_has_refresh_token boolean,
  p_is_bound boolean)
returns jsonb
language sql stable
as $$
  select jsonb_build_object('resourceUri', p_resource_uri, 'scopes', p_scopes,
    'accessExpiresAt', floor(extract(epoch from p_access_expires_at)), 'hasRefreshToken', p_has_refresh_token, 'isBound', p_is_bound)
$$;
