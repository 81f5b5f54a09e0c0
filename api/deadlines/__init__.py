"""What each party must do next, and by when: worked out anew whenever somebody asks."""
