"""A conformance suite for witnesses, the project's own and a third party's."""
