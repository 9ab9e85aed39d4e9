"""Who works here: companies, their franchises and their users."""
