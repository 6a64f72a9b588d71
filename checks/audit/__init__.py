"""Who checks the checker: slightly wrong claims, their fates, and the units that judge them."""
