"""From values to what is shown: Rich renderables, and plain records for JSON and CSV."""
