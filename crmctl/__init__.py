"""crmctl: a sales pipeline that lives in the shell."""
