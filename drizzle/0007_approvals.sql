-- The fingerprint that an approval is bound to now covers grants, ways to authenticate, type and page. What was approved before may
-- have changed in any of these unseen, so the owner is asked again. The owner's own clients can't change themselves.
UPDATE "clients" SET "approved_fingerprint" = NULL WHERE "registration" <> 'preregistered';
