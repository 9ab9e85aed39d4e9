"""The arithmetic of forecasts: numbers in, numbers out; no session and no clock."""
