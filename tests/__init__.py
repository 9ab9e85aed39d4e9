"""The tests of crmctl, and what they run on."""
