"""Files in the code pages of many languages, and how well their encoding is found."""
