"""What is won and what is expected to be."""
