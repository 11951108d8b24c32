-- The rule for a host: the one that names it, or else the one that names the nearest domain above it, or else the
-- default. All columns are null if no rule applies. `*` is the default for documents and for websites that receive
-- answers, and `*:` is the default for apps on a device. There is no default for loopback addresses.
create or replace function app_rule_1(p_kind text, p_host text) returns app_rules
language plpgsql stable
as $$
declare
  v_patterns text[] := array[p_host];
  v_above text := p_host;
  v_rule public.app_rules;
begin
  if right(p_host, 1) = ':' then
    v_patterns := v_patterns || text '*:';
  elsif p_host <> 'loopback' then
    while position('.' in v_above) > 0 loop
      v_above := substr(v_above, position('.' in v_above) + 1);
      v_patterns := v_patterns || ('*.' || v_above);
    end loop;
    v_patterns := v_patterns || text '*';
  end if;
  select r.* into v_rule from public.app_rules r
    where r.kind = p_kind and r.pattern = any(v_patterns) order by array_position(v_patterns, r.pattern) limit 1;
  return v_rule;
end $$;
