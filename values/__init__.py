"""Values from outside: whether they can be kept (`storable`), and what is wrong with them in words."""
