"""Deals, the stages that they go through, and the rules that their moves keep."""
