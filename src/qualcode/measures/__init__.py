"""What agreement and errors are counted in, and the coefficients and tests that are made of the counts."""
