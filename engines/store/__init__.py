"""The model store: finds weights, fetches them, checks them."""
