"""What follows a plan: two people release it, offers are made and answered, seats planned anew."""
