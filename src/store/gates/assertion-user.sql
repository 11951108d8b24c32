-- The user whom an issuer's subject names: by what an earlier assertion said, or by the identity at a provider that is
-- the same issuer, since issuer and subject together name a person (OpenID Connect Core §5.7), or by a verified address
-- if the owner allows that. Never by the subject alone, because another issuer's equal subject is somebody else. An
-- identity at an issuer with many tenants doesn't say which tenant it belongs to, so it doesn't count.
create or replace function assertion_user_1(p_issuer uuid, p_subject text, p_email text) returns uuid
language plpgsql stable
as $$
begin
  return coalesce(
    (select s.user_id from public.issuer_subjects s where s.issuer_id = p_issuer and s.subject = p_subject),
    (select i.user_id
      from public.trusted_issuers t
        join public.providers p on p.issuer = t.issuer and p.kind = 'openid'
        join public.identities i on i.provider = p.slug and i.subject = p_subject
      where t.id = p_issuer and t.tenant is null
      order by i.created_at, i.provider limit 1),
    (select u.id from public.trusted_issuers t join public.users u on u.email = p_email
      where t.id = p_issuer and t.links_addresses));
end $$;
