"""The features as pytest collects them."""
