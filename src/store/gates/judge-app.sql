-- Whether an app comes in: `welcome`, `ask` (the owner first) or `refuse`. Both its source and the host that receives the
-- answer have to be welcome. Nothing is proven of an app that registered itself except where its answers go, so a rule
-- that names that host decides alone. An app that the owner registered is welcome. An app that they approved, or that
-- came with one of their tokens, passes every rule except one that refuses a host by name.
--
-- `p_host` receives the answer. If it is null, as for a look-up, the answer is the best that any of the app's hosts gets.
create or replace function judge_app_1(
  p_registration text, p_client text, p_invited boolean, p_approved boolean, p_hosts text[], p_host text)
returns text
language plpgsql stable
as $$
declare
  v_decisions constant text[] := array['welcome', 'ask', 'refuse'];
  v_source public.app_rules;
  v_redirect public.app_rules;
  v_host text;
  v_one int;
  v_least int := 3;
begin
  if p_registration = 'preregistered' or not exists (select from public.app_rules) then return 'welcome'; end if;
  if p_registration = 'metadata_document' then
    v_source := public.app_rule_1('document', substring(p_client from '^https://([^/]+)'));
  else
    v_source := public.app_rule_1('registered', '*');
  end if;
  foreach v_host in array case when p_host is null then coalesce(nullif(p_hosts, '{}'), array[null::text]) else array[p_host] end loop
    v_redirect := public.app_rule_1('redirect', v_host);
    v_one := greatest(
      case when p_registration = 'dynamic' and v_redirect.pattern not in ('*', '*:') then 1
        else array_position(v_decisions, v_source.decision) end,
      array_position(v_decisions, v_redirect.decision), 1);
    if (p_approved or p_invited)
      and coalesce(v_source.decision <> 'refuse' or v_source.pattern = '*', true)
      and coalesce(v_redirect.decision <> 'refuse' or v_redirect.pattern in ('*', '*:'), true)
    then
      v_one := 1;
    end if;
    v_least := least(v_least, v_one);
  end loop;
  return v_decisions[v_least];
end $$;
