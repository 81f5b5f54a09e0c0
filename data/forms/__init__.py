"""What documents look like: fields, ranges and defaults, and how a draft becomes a round."""
