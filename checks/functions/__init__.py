"""The founding test: samples from first principles judge the functions that users call."""
