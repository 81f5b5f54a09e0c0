"""The whole service from outside: what anybody can see, break, win or lose by calling it."""
