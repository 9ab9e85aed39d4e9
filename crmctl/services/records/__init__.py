"""Records: customers and activities, how they are referred to, numbered, edited and merged."""
