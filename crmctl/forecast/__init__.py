"""Forecasts: numbers in, numbers out. No session, no clock."""
