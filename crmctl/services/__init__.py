"""What a user can do, one function each. A service is handed a session and never commits."""
