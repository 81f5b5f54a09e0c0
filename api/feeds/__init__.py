"""What others subscribe to: Atom feeds (RFC 4287)."""
