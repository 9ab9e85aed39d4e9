"""The database: sessions, schema, scope, dialects and look-ups, and no business."""
