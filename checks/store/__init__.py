"""Evidence that is kept between runs, and the reviewed outcomes."""
